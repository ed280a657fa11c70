//! What a resource is and what may be said of it. Pure: no async, no HTTP, no AWS.

mod attributes;
mod batch;
mod body;
mod bucket;
mod bucket_key;
mod caller;
mod change;
mod changed;
mod cursor;
mod deletion;
mod digest;
mod expectation;
mod fault;
mod field;
mod folding;
mod history;
mod id;
mod id_list;
mod idempotency;
mod json;
mod listing;
mod number;
mod patch;
mod resource;
mod resource_event;
mod search;
mod shards;
mod status;
mod timestamp;
mod values;
mod view;
mod words;

pub use attributes::{Attributes, MAX_DEPTH};
pub use batch::{MAX_OPERATIONS, Requested, operations_from_json};
pub use bucket::{Attempt, Class, Limit, Take};
pub use bucket_key::BucketKey;
pub use caller::{Caller, MAX_SUBJECT_LENGTH, Permission, Role, Tenant};
pub use change::{Change, Effect, Operation, Refusal};
pub use changed::{Changed, Kind};
pub use cursor::{Binding, Continuation, Cursor};
pub use deletion::{Deletion, Retention};
pub use expectation::{ExpectedVersion, MAX_EXPECTED_VERSIONS};
pub use fault::{Fault, Faults, Pointer, quoted};
pub use field::{Field, Fields};
pub use folding::fold;
pub use history::{Action, Entry, HistoryRequest};
pub use id::ResourceId;
pub use id_list::{MAX_IDS, ids_from_json};
pub use idempotency::{ANSWER_KEPT, Answer, Once};
pub use json::parse_json;
pub use listing::{
    DEFAULT_LIMIT, Filter, ListRequest, MAX_LIMIT, MAX_OFFSET, Order, Page, Period, Position, Selection,
    SortBy, Start,
};
pub use number::{NumberError, exact_decimal};
pub use patch::Patch;
pub use resource::{Resource, Version};
pub use resource_event::{EventKind, ResourceEvent};
pub use search::{DEFAULT_RESULTS, Found, MAX_CANDIDATES, MAX_QUERY_LENGTH, MAX_RESULTS, SearchRequest};
pub use shards::Shards;
pub use status::Status;
pub use timestamp::Timestamp;
pub use values::{MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, MAX_RELATED_IDS, Values};
pub use view::{Batch, Row, View};
pub use words::{Match, Words};

#[cfg(test)]
pub(crate) mod tests;
