//! A change that was made, as the table's stream tells of it, and the event that says so to others.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{Action, Entry, Field, Fields, Resource, ResourceId, Tenant, Timestamp, View, Words};

/// What every event tells of a resource: all that is small. A consumer reads the rest by the id.
const FIELDS_OF_EVENTS: Fields = Fields::SUMMARY.with(Field::UpdatedBy);

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Whose resource it is.
    pub tenant: Tenant,
    /// Which resource.
    pub id: ResourceId,
    /// When, as the stream says.
    pub at: Timestamp,
    /// What was done.
    pub kind: Kind,
}

/// What was done to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It was stored, over what was there before.
    Stored {
        /// What was there; `None` before the first version.
        before: Option<Box<Resource>>,
        /// What is there.
        after: Box<Resource>,
    },
    /// It was removed for good.
    Removed {
        /// What was there.
        before: Box<Resource>,
        /// Whether its time was over, so that nobody removed it.
        expired: bool,
    },
}

impl Changed {
    fn before(&self) -> Option<&Resource> {
        match &self.kind {
            Kind::Stored { before, .. } => before.as_deref(),
            Kind::Removed { before, .. } => Some(before),
        }
    }

    fn after(&self) -> Option<&Resource> {
        match &self.kind {
            Kind::Stored { after, .. } => Some(after),
            Kind::Removed { .. } => None,
        }
    }

    /// The words that search finds the resource by since then, or until then: those that came or went.
    pub fn words_that_came_or_went(&self) -> Vec<String> {
        let words = |resource: Option<&Resource>| {
            resource.map(|it| Words::found_by(it.values.status, &it.values.name)).unwrap_or_default()
        };
        let (before, after) = (words(self.before()), words(self.after()));
        before.differences(&after).map(str::to_owned).collect()
    }

    /// The version that it made; `None` where it made none.
    pub fn entry(&self) -> Option<Entry> {
        let Kind::Stored { before, after } = &self.kind else { return None };
        // An item may be written anew with nothing said of the resource.
        let is_new = before.as_ref().is_none_or(|before| before.version != after.version);
        let entry =
            || Entry { action: Action::between(before.as_deref(), after), resource: (**after).clone() };
        is_new.then(entry)
    }

    /// What is said of it to others; `None` where there is nothing to say.
    pub fn event(&self) -> Option<ResourceEvent> {
        let event = |kind, id, at, by: Option<&String>, changed, resource: &Resource| ResourceEvent {
            id,
            kind,
            tenant: self.tenant.clone(),
            at,
            by: by.cloned(),
            changed,
            resource: View::from(resource.clone()).select(FIELDS_OF_EVENTS),
        };
        match &self.kind {
            Kind::Stored { before, after } => self.entry().map(|entry| {
                let changed = before.as_ref().map(|before| changed_fields(before, after)).unwrap_or_default();
                let id = format!("{}:{}", self.id, after.version);
                event(entry.action.into(), id, after.updated_at, Some(&after.updated_by), changed, after)
            }),
            Kind::Removed { before, expired } => {
                let kind = EventKind::Purged { expired: *expired };
                Some(event(kind, format!("{}:purged", self.id), self.at, None, Vec::new(), before))
            }
        }
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
