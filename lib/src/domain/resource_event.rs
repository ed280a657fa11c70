//! What others are told of a change.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{Action, Changed, Field, Fields, Kind, Resource, Tenant, Timestamp, View};

/// What every event tells of a resource: all that is small. A consumer reads the rest by the id.
const FIELDS: Fields = Fields::SUMMARY.with(Field::UpdatedBy);

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A version was made.
    Made(Action),
    /// The resource was removed for good.
    Purged {
        /// Because the time in which it could be restored was over.
        expired: bool,
    },
}

impl From<Action> for EventKind {
    fn from(action: Action) -> Self {
        Self::Made(action)
    }
}

impl EventKind {
    /// Its name: `resource.updated`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made(Action::Created) => "resource.created",
            Self::Made(Action::Updated) => "resource.updated",
            Self::Made(Action::Deleted) => "resource.deleted",
            Self::Made(Action::Restored) => "resource.restored",
            Self::Purged { .. } => "resource.purged",
        }
    }
}

/// An event. Its JSON is described by `docs/resource-event.schema.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceEvent {
    /// The same whenever the same change is told of: `ID:VERSION`, or `ID:purged`.
    pub id: String,
    /// What happened.
    pub kind: EventKind,
    /// Whose resource it is.
    pub tenant: Tenant,
    /// When.
    pub at: Timestamp,
    /// The subject that did it; unknown of what was removed for good.
    pub by: Option<String>,
    /// The fields of a client's that are other than before.
    pub changed: Vec<&'static str>,
    /// The resource since then; as it was last, where it was removed.
    pub resource: View,
}

impl ResourceEvent {
    /// What is said of a change; `None` where there is nothing to say.
    pub fn of(change: &Changed) -> Option<Self> {
        let tenant = change.tenant.clone();
        let shown = |resource: &Resource| View::from(resource.clone()).select(FIELDS);
        match &change.kind {
            Kind::Stored { before, after } => change.entry().map(|entry| Self {
                id: format!("{}:{}", change.id, after.version),
                kind: entry.action.into(),
                tenant,
                at: after.updated_at,
                by: Some(after.updated_by.clone()),
                changed: before.as_ref().map(|before| changed_fields(before, after)).unwrap_or_default(),
                resource: shown(after),
            }),
            Kind::Removed { before, expired } => Some(Self {
                id: format!("{}:purged", change.id),
                kind: EventKind::Purged { expired: *expired },
                tenant,
                at: change.at,
                by: None,
                changed: Vec::new(),
                resource: shown(before),
            }),
        }
    }
}

impl Serialize for ResourceEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut event = serializer.serialize_struct("ResourceEvent", 8)?;
        event.serialize_field("id", &self.id)?;
        event.serialize_field("type", self.kind.as_str())?;
        event.serialize_field("tenant", self.tenant.as_str())?;
        event.serialize_field("at", &self.at)?;
        event.serialize_field("by", &self.by)?;
        match self.kind {
            EventKind::Purged { expired } => event.serialize_field("expired", &expired)?,
            EventKind::Made(_) => event.skip_field("expired")?,
        }
        event.serialize_field("changed", &self.changed)?;
        event.serialize_field("resource", &self.resource)?;
        event.end()
    }
}

/// The fields of a client's that differ.
fn changed_fields(before: &Resource, after: &Resource) -> Vec<&'static str> {
    let (old, new) = (&before.values, &after.values);
    let differs = [
        (Field::Name, old.name != new.name),
        (Field::Status, old.status != new.status),
        (Field::Description, old.description != new.description),
        (Field::Attributes, old.attributes != new.attributes),
        (Field::RelatedIds, old.related_ids != new.related_ids),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.as_str()).collect()
}
