//! What can be done to a resource, and what becomes of it. Pure.

use crate::domain::{
    Caller, ExpectedVersion, Faults, Patch, Permission, Replacement, Resource, ResourceId, Retention, Status,
    Timestamp, Values, Version, check_change,
};

/// Something that a caller wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// A new resource.
    Create(Values),
    /// A change of a resource, at some of its versions.
    Change {
        /// Which resource.
        id: ResourceId,
        /// At which versions.
        expected: ExpectedVersion,
        /// What is done.
        change: Change,
    },
}

/// What is done to a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Gets other values.
    Replace(Replacement),
    /// Is patched (RFC 7396).
    Update(Patch),
    /// Is deleted, and can be restored.
    Delete,
    /// Is no longer deleted.
    Restore,
    /// Is removed for good, deleted or not.
    Purge,
}

/// What becomes of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It stays as it is.
    Unchanged(Resource),
    /// It is stored in this form, over one of the version before, or as a new one.
    Stored(Resource),
    /// It is stored as a new resource, with the version that it has: an imported record.
    Imported(Resource, Announcement),
    /// It is removed for good, at this version.
    Purged(ResourceId, Version),
}

/// Whether an event is published for a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcement {
    /// It is, as for every change.
    Event,
    /// It is not: the record was imported.
    None,
}

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such resource.
    NotFound,
    /// It is at another version: this one.
    Stale(Version),
    /// What is not deleted cannot be restored.
    NotDeleted,
    /// What it would become breaks rules.
    Invalid(Faults),
    /// Another resource has a unique value that it would have.
    AlreadyExists(Faults),
    /// The target of one of its references must exist and does not.
    ReferenceNotFound(Faults),
    /// A rule cannot be asked.
    Defect(String),
    /// Its status does not become that one.
    InvalidTransition {
        /// The status that it has.
        from: Status,
        /// The one that it should get.
        to: Status,
        /// What it may become.
        allowed: &'static [&'static str],
    },
}

impl Operation {
    /// The resource that it changes; `None` for a new one.
    pub fn id(&self) -> Option<ResourceId> {
        match self {
            Self::Create(_) => None,
            Self::Change { id, .. } => Some(*id),
        }
    }

    /// The permission that it asks for.
    pub fn permission(&self) -> Permission {
        match self {
            Self::Create(_) => Permission::Write,
            Self::Change { change, .. } => change.permission(),
        }
    }
}

/// Whether a new resource may be stored.
///
/// # Errors
/// Why it may not.
pub fn check_new(values: &Values, caller: &Caller) -> Result<(), Refusal> {
    check_change(None, values, caller)
}

impl Change {
    /// The permission that it asks for.
    pub fn permission(&self) -> Permission {
        match self {
            Self::Replace(_) | Self::Update(_) => Permission::Write,
            Self::Delete | Self::Restore => Permission::Delete,
            Self::Purge => Permission::Admin,
        }
    }

    /// What becomes of `current` when `caller` does this at `now`.
    ///
    /// # Errors
    /// Why it is not done.
    pub fn apply(
        &self,
        current: &Resource,
        expected: &ExpectedVersion,
        caller: &Caller,
        now: Timestamp,
        retention: Retention,
    ) -> Result<Effect, Refusal> {
        let hidden = current.is_deleted() && !matches!(self, Self::Restore | Self::Purge);
        if hidden || !current.exists_at(now) {
            return Err(Refusal::NotFound);
        }
        if !expected.allows(current.version) {
            return Err(Refusal::Stale(current.version));
        }
        let mut next = Resource {
            version: current.version + 1,
            updated_at: now,
            updated_by: caller.subject.clone(),
            ..current.clone()
        };
        match self {
            Self::Replace(Replacement { values, keeps_status }) => {
                next.values = values.clone();
                if *keeps_status && values.kind().statuses.transitions.is_some() {
                    next.values = next.values.with_status(current.values.status());
                }
                check_change(Some(&current.values), &next.values, caller)?;
            }
            Self::Update(patch) => {
                next.values = patch.apply(&current.values).map_err(Refusal::Invalid)?;
                check_change(Some(&current.values), &next.values, caller)?;
            }
            Self::Delete => next.purge_at = Some(retention.end(now)),
            Self::Restore if !current.is_deleted() => return Err(Refusal::NotDeleted),
            Self::Restore => next.purge_at = None,
            Self::Purge => return Ok(Effect::Purged(current.id, current.version)),
        }
        let unchanged = next.values == current.values && next.purge_at == current.purge_at;
        Ok(if unchanged { Effect::Unchanged(current.clone()) } else { Effect::Stored(next) })
    }
}

impl Effect {
    /// The resource that it is about.
    pub fn id(&self) -> ResourceId {
        match self {
            Self::Unchanged(resource) | Self::Stored(resource) | Self::Imported(resource, _) => resource.id,
            Self::Purged(id, _) => *id,
        }
    }

    /// The resource as it is afterwards, for who may see it; `None` where there is none.
    pub fn resource(&self) -> Option<&Resource> {
        match self {
            Self::Unchanged(resource) | Self::Stored(resource) | Self::Imported(resource, _) => {
                Some(resource).filter(|it| !it.is_deleted())
            }
            Self::Purged(..) => None,
        }
    }
}
