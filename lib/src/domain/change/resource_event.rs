//! What others are told of a change.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::domain::{
    ChangeEvent, ChangeType, Field, Fields, HistoryAction, Resource, Tenant, Timestamp, View,
};

/// What every event tells of a resource: all that is small. A consumer reads the rest by the id.
const FIELDS: Fields = Fields::SUMMARY.with(Field::UpdatedBy);

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventType {
    /// A version was made.
    Made(HistoryAction),
    /// The resource was removed for good.
    Purged {
        /// Because the time in which it could be restored was over.
        expired: bool,
    },
}

impl From<HistoryAction> for EventType {
    fn from(action: HistoryAction) -> Self {
        Self::Made(action)
    }
}

impl EventType {
    /// Its name: `resource.updated`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made(HistoryAction::Created) => "resource.created",
            Self::Made(HistoryAction::Updated) => "resource.updated",
            Self::Made(HistoryAction::Deleted) => "resource.deleted",
            Self::Made(HistoryAction::Restored) => "resource.restored",
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
    pub event_type: EventType,
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
    pub fn of(change: &ChangeEvent) -> Option<Self> {
        let tenant = change.tenant.clone();
        let shown = |resource: &Resource| View::from(resource.clone()).select(FIELDS);
        match &change.change_type {
            ChangeType::Stored { before, after } => change.entry().map(|entry| Self {
                id: format!("{}:{}", change.id, after.version),
                event_type: entry.action.into(),
                tenant,
                at: after.updated_at,
                by: Some(after.updated_by.clone()),
                changed: before.as_ref().map(|before| changed_fields(before, after)).unwrap_or_default(),
                resource: shown(after),
            }),
            ChangeType::Removed { before, expired } => Some(Self {
                id: format!("{}:purged", change.id),
                event_type: EventType::Purged { expired: *expired },
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
        event.serialize_field("type", self.event_type.as_str())?;
        event.serialize_field("tenant", self.tenant.as_str())?;
        event.serialize_field("at", &self.at)?;
        event.serialize_field("by", &self.by)?;
        match self.event_type {
            EventType::Purged { expired } => event.serialize_field("expired", &expired)?,
            EventType::Made(_) => event.skip_field("expired")?,
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
        (Field::Status, before.shown_status() != after.shown_status()),
        (Field::Description, old.description != new.description),
        (Field::Attributes, old.attributes != new.attributes),
        (Field::RelatedIds, old.related_ids != new.related_ids),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.as_str()).collect()
}
