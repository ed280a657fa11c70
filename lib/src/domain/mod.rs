//! Resources, and the operations on them. Pure: no async, no HTTP, no AWS.

mod api_key;
mod caller;
mod change;
mod claims;
mod digest;
mod import;
mod json;
mod kind;
mod list;
mod moment;
mod rate_limit;
mod resource;
mod search;
mod timestamp;

pub use api_key::{API_KEY_PREFIX, API_KEY_SUBJECT, ApiKey, ApiKeyId, ApiKeyRecord, ApiKeyState};
pub use caller::{Caller, Collection, MAX_SUBJECT_LENGTH, Permission, Role, Scope, Tenant};
pub use change::*;
pub use claims::{ClaimPath, RoleMap};
pub(crate) use digest::{hash, hexadecimal};
pub use import::*;
pub use json::*;
pub use kind::*;
pub use list::*;
pub use moment::{canonical_moment, canonical_moment_rounding_up};
pub use rate_limit::*;
pub use resource::*;
pub use search::*;
pub use timestamp::Timestamp;

#[cfg(test)]
pub(crate) mod tests;
