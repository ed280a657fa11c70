//! What can be done to resources, and what is told of what was done.

mod batch;
mod change_event;
mod expected_version;
mod history;
mod operation;
mod patch;
mod resource_event;

pub use batch::{BatchOperation, MAX_OPERATIONS, operations_from_json};
pub use change_event::{ChangeEvent, ChangeType};
pub use expected_version::{ExpectedVersion, MAX_EXPECTED_VERSIONS};
pub use history::{HistoryAction, HistoryEntry, HistoryRequest};
pub use operation::{Change, Effect, Operation, Refusal, check_new};
pub use patch::Patch;
pub use resource_event::{EventType, ResourceEvent};
