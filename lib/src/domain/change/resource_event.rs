//! Events about changes, for consumers outside the API.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::domain::{
    Announcement, ChangeEvent, ChangeType, Collection, FieldRef, HistoryAction, Resource, Timestamp, View,
};

/// The type of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventType {
    /// A new version was stored.
    Made(HistoryAction),
    /// The resource was purged.
    Purged {
        /// Whether its retention period ended, instead of a caller purging it.
        expired: bool,
    },
}

impl From<HistoryAction> for EventType {
    fn from(action: HistoryAction) -> Self {
        Self::Made(action)
    }
}

impl EventType {
    /// The last part of the event's name: `updated`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made(action) => action.as_str(),
            Self::Purged { .. } => "purged",
        }
    }
}

/// An event. Its JSON is described by `docs/resource-event.schema.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceEvent {
    /// The same for every event of the same change: `ID:VERSION`, or `ID:purged`.
    pub id: String,
    /// The type.
    pub event_type: EventType,
    /// The tenant and the kind of the resource.
    pub collection: Collection,
    /// The time of the change.
    pub at: Timestamp,
    /// The subject that made the change; unknown for a purge.
    pub by: Option<String>,
    /// The client-owned fields whose values differ from the version before.
    pub changed: Vec<&'static str>,
    /// The resource after the change, or before a purge: its summary and `updated_by`, to keep the event
    /// small. A consumer reads the other fields by id.
    pub resource: View,
}

impl ResourceEvent {
    /// The event of a change; `None` if no event is published for it.
    pub fn of(change: &ChangeEvent) -> Option<Self> {
        if change.announcement == Announcement::None {
            return None;
        }
        let collection = change.collection.clone();
        let fields = collection.kind.summary().with(FieldRef::UPDATED_BY);
        let shown = |resource: &Resource| View::from(resource.clone()).select(fields);
        match &change.change_type {
            ChangeType::Stored { before, after } => change.entry().map(|entry| Self {
                id: format!("{}:{}", change.id, after.version),
                event_type: entry.action.into(),
                collection,
                at: after.updated_at,
                by: Some(after.updated_by.clone()),
                changed: before.as_ref().map(|before| changed_fields(before, after)).unwrap_or_default(),
                resource: shown(after),
            }),
            ChangeType::Removed { before, expired } => Some(Self {
                id: format!("{}:purged", change.id),
                event_type: EventType::Purged { expired: *expired },
                collection,
                at: change.at,
                by: None,
                changed: Vec::new(),
                resource: shown(before),
            }),
        }
    }
}

impl ResourceEvent {
    /// The same event, with only those fields of the resource that every kind has.
    #[must_use]
    pub fn shortened(&self) -> Self {
        let resource = self.resource.clone();
        let of_every_kind = resource.kind().shown().filter(|field| field.position().is_none());
        let fields = of_every_kind.collect();
        Self { resource: resource.select(fields), ..self.clone() }
    }

    /// Its name: `resource.updated`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.collection.kind.singular, self.event_type.as_str())
    }
}

impl Serialize for ResourceEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut event = serializer.serialize_struct("ResourceEvent", 9)?;
        event.serialize_field("id", &self.id)?;
        event.serialize_field("type", &self.name())?;
        event.serialize_field("kind", self.collection.kind.name)?;
        event.serialize_field("tenant", self.collection.tenant.as_str())?;
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

/// The client-owned fields that differ, in the order in which a resource shows them.
fn changed_fields(before: &Resource, after: &Resource) -> Vec<&'static str> {
    let kind = after.values.kind();
    let differs = |field: &FieldRef| match *field {
        FieldRef::STATUS => before.shown_status() != after.shown_status(),
        declared => before.values.get(declared) != after.values.get(declared),
    };
    kind.shown().filter(differs).map(|field| kind.name_of(field)).collect()
}
