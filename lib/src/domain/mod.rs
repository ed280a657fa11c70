//! What a resource is and what may be said of it. Pure: no async, no HTTP, no AWS.

mod attributes;
mod bucket;
mod bucket_key;
mod caller;
mod cursor;
mod expectation;
mod fault;
mod folding;
mod id;
mod listing;
mod number;
mod patch;
mod resource;
mod status;
mod timestamp;
mod values;

pub use attributes::{Attributes, MAX_DEPTH};
pub use bucket::{Attempt, Class, Limit, Take};
pub use bucket_key::BucketKey;
pub use caller::{Caller, Permission, Role, Tenant};
pub use cursor::{Binding, Cursor};
pub use expectation::ExpectedVersion;
pub use fault::{Fault, Location};
pub use folding::fold;
pub use id::ResourceId;
pub use listing::{DEFAULT_LIMIT, ListRequest, MAX_LIMIT, Page};
pub use number::{NumberError, exact_decimal};
pub use patch::merge_patch;
pub use resource::{Resource, Summary, Version};
pub use status::Status;
pub use timestamp::Timestamp;
pub use values::{MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, MAX_RELATED_IDS, Values};

#[cfg(test)]
pub(crate) mod tests;
