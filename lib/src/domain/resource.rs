//! A resource as it is kept.

use super::{Caller, Deletion, ResourceId, Timestamp, Values};

/// How often a resource was written: 1 on creation, one more with each change.
pub type Version = u64;

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
    /// Whether it was deleted, and until when it can be restored.
    pub deletion: Option<Deletion>,
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
            deletion: None,
        }
    }

    /// Whether it is there at all: a deleted resource is gone when its time is over, removed or not.
    pub fn exists_at(&self, now: Timestamp) -> bool {
        self.deletion.is_none_or(|deletion| deletion.purge_at > now)
    }
}
