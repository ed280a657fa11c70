//! Changes of resources, and the history and events that describe them.

mod batch;
mod change_event;
mod decision;
mod expected_version;
mod history;
mod operation;
mod patch;
mod requirement;
mod resource_event;
mod unique_value;

pub use batch::{BatchOperation, MAX_OPERATIONS, operations_from_json};
pub use change_event::{ChangeEvent, ChangeType};
pub use decision::Decision;
pub use expected_version::{ExpectedVersion, MAX_EXPECTED_VERSIONS};
pub use history::{HistoryAction, HistoryEntry, HistoryRequest};
pub use operation::{Announcement, Change, Effect, Operation, Refusal, check_new};
pub use patch::Patch;
pub use requirement::{MAX_ACTIONS, Required, Requirement, Requirements};
pub use resource_event::{EventType, ResourceEvent};
pub use unique_value::UniqueValue;
