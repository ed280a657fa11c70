//! Operations on resources, and their effects. Pure.

use crate::domain::{
    Caller, ExpectedVersion, Faults, Patch, Permission, Replacement, Resource, ResourceId, Retention, Status,
    Timestamp, Values, Version, check_change,
};

/// An operation that a caller requests.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Creates a resource.
    Create(Values),
    /// Changes a resource.
    Change {
        /// The id of the resource.
        id: ResourceId,
        /// The versions at which it may be changed.
        expected: ExpectedVersion,
        /// The change.
        change: Change,
    },
}

/// A change of a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Replaces the values.
    Replace(Replacement),
    /// Applies a merge patch (RFC 7396).
    Update(Patch),
    /// Deletes the resource, so that it can be restored.
    Delete,
    /// Restores a deleted resource.
    Restore,
    /// Purges the resource, whether it is deleted or not.
    Purge,
}

/// The effect of an operation on a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing changes.
    Unchanged(Resource),
    /// This version is stored, as a new resource or in place of the version before.
    Stored(Resource),
    /// An imported record is stored as a new resource, with its own version.
    Imported(Resource, Announcement),
    /// The resource is purged, at this version.
    Purged(ResourceId, Version),
}

/// Whether an event is published for a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcement {
    /// An event, as for every change.
    Event,
    /// No event: the record was imported.
    None,
}

/// The reason why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such resource.
    NotFound,
    /// The resource is at this version, which the change does not expect.
    Stale(Version),
    /// A resource that is not deleted cannot be restored.
    NotDeleted,
    /// The values that it would have are not valid.
    Invalid(Faults),
    /// Another resource holds a unique value that this one would have.
    AlreadyExists(Faults),
    /// The target of one of its references must exist and does not.
    ReferenceNotFound(Faults),
    /// A rule failed because of a defect in its code.
    Defect(String),
    /// The status cannot change to the requested one.
    InvalidTransition {
        /// The current status.
        from: Status,
        /// The requested status.
        to: Status,
        /// The statuses that may follow the current one.
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

    /// The permission that it needs.
    pub fn permission(&self) -> Permission {
        match self {
            Self::Create(_) => Permission::Write,
            Self::Change { change, .. } => change.permission(),
        }
    }
}

/// Checks whether a new resource may be stored.
///
/// # Errors
/// The reason why it may not.
pub fn check_new(values: &Values, caller: &Caller) -> Result<(), Refusal> {
    check_change(None, values, caller)
}

impl Change {
    /// The permission that it needs.
    pub fn permission(&self) -> Permission {
        match self {
            Self::Replace(_) | Self::Update(_) => Permission::Write,
            Self::Delete | Self::Restore => Permission::Delete,
            Self::Purge => Permission::Admin,
        }
    }

    /// Applies the change to `current`.
    ///
    /// # Errors
    /// The reason why the change is refused.
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
    /// The id of the resource.
    pub fn id(&self) -> ResourceId {
        match self {
            Self::Unchanged(resource) | Self::Stored(resource) | Self::Imported(resource, _) => resource.id,
            Self::Purged(id, _) => *id,
        }
    }

    /// The resource afterwards; `None` if it is deleted or purged.
    pub fn resource(&self) -> Option<&Resource> {
        match self {
            Self::Unchanged(resource) | Self::Stored(resource) | Self::Imported(resource, _) => {
                Some(resource).filter(|it| !it.is_deleted())
            }
            Self::Purged(..) => None,
        }
    }
}
