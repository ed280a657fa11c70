//! Resources as they are stored.

mod fields;
mod id;
mod retention;
mod status;
mod view;

pub use fields::{FieldRef, Fields};
pub use id::ResourceId;
pub use retention::Retention;
pub use status::{ShownStatus, Status};
pub use view::{BatchGetResult, Expansion, Row, View};

use crate::domain::{Caller, Collection, Tenant, Timestamp, Values};

/// The version of a resource: 1 on creation, and one more with each change.
pub type Version = u64;

/// A resource of any collection.
pub type ResourceKey = (Collection, ResourceId);

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The id, which contains the time of creation.
    pub id: ResourceId,
    /// The client-owned values.
    pub values: Values,
    /// The version.
    pub version: Version,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The subject that created it.
    pub created_by: String,
    /// The subject that last changed it.
    pub updated_by: String,
    /// The time of the purge of a deleted resource, in whole seconds; until then it can be restored.
    pub purge_at: Option<Timestamp>,
}

impl Resource {
    /// A new resource of the caller's, created at `now`.
    pub fn new(values: Values, caller: &Caller, now: Timestamp) -> Self {
        Self::with_id(ResourceId::generate(now), values, caller)
    }

    /// The collection of the resource in a tenant.
    pub fn collection(&self, tenant: &Tenant) -> Collection {
        Collection { tenant: tenant.clone(), kind: self.values.kind() }
    }

    /// A new resource of the caller's with an id, created at the id's own time.
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

    /// Whether it exists: a deleted resource does not after `purge_at`, even if DynamoDB has not removed it
    /// yet.
    pub fn exists_at(&self, now: Timestamp) -> bool {
        self.purge_at.is_none_or(|purge_at| purge_at > now)
    }

    /// Whether it is deleted.
    pub fn is_deleted(&self) -> bool {
        self.purge_at.is_some()
    }

    /// The status that clients see.
    pub fn shown_status(&self) -> ShownStatus {
        if self.is_deleted() { ShownStatus::Deleted } else { ShownStatus::Living(self.values.status()) }
    }
}
