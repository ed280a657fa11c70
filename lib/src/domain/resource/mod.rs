//! A resource as it is kept.

mod attributes;
mod field;
mod id;
mod retention;
mod status;
pub(in crate::domain) mod values;
mod view;

pub use attributes::{Attributes, MAX_DEPTH};
pub use field::{Field, Fields};
pub use id::ResourceId;
pub use retention::Retention;
pub use status::{ShownStatus, Status};
pub use values::{MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH, MAX_RELATED_IDS, Values};
pub use view::{BatchGetResult, Row, View};

use crate::domain::{Caller, Tenant, Timestamp};

/// How often a resource was written: 1 on creation, one more with each change.
pub type Version = u64;

/// A resource of any tenant.
pub type ResourceKey = (Tenant, ResourceId);

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its identity, which also says when it was created.
    pub id: ResourceId,
    /// What clients say of it.
    pub values: Values,
    /// How often it was written.
    pub version: Version,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The subject that created it.
    pub created_by: String,
    /// The subject that last changed it.
    pub updated_by: String,
    /// Until when it can be restored, to the second, if it is deleted; then it is gone for good.
    pub purge_at: Option<Timestamp>,
}

impl Resource {
    /// A new resource of the caller's, made at `now`.
    pub fn new(values: Values, caller: &Caller, now: Timestamp) -> Self {
        Self::with_id(ResourceId::generate(now), values, caller)
    }

    /// A new resource of the caller's with an id, made at the id's own time.
    pub fn with_id(id: ResourceId, values: Values, caller: &Caller) -> Self {
        Self {
            id,
            values,
            version: 1,
            updated_at: id.created_at(),
            created_by: caller.subject.clone(),
            updated_by: caller.subject.clone(),
            purge_at: None,
        }
    }

    /// Whether it is there at all: a deleted resource is gone when its time is over, removed or not.
    pub fn exists_at(&self, now: Timestamp) -> bool {
        self.purge_at.is_none_or(|purge_at| purge_at > now)
    }

    /// Whether it is deleted.
    pub fn is_deleted(&self) -> bool {
        self.purge_at.is_some()
    }

    /// What it shows as its status.
    pub fn shown_status(&self) -> ShownStatus {
        if self.is_deleted() { ShownStatus::Deleted } else { ShownStatus::Living(self.values.status) }
    }
}
