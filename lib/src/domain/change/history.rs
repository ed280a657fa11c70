//! What became of a resource, version by version.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::domain::{Collection, Cursor, CursorBinding, Resource, ResourceId, View};

/// What made a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HistoryAction {
    /// The first.
    Created,
    /// Other values.
    Updated,
    /// It was deleted.
    Deleted,
    /// It is no longer deleted.
    Restored,
}

impl HistoryAction {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Created, Self::Updated, Self::Deleted, Self::Restored];

    /// What made a version out of the one before; nothing before the first.
    pub fn between(before: Option<&Resource>, after: &Resource) -> Self {
        let was_deleted = before.is_some_and(super::super::resource::Resource::is_deleted);
        match (before, was_deleted, after.is_deleted()) {
            (None, ..) => Self::Created,
            (_, false, true) => Self::Deleted,
            (_, true, false) => Self::Restored,
            _ => Self::Updated,
        }
    }

    /// The action of a word; `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
        }
    }
}

/// One version of a resource: what made it, and the resource as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// What made it.
    pub action: HistoryAction,
    /// The resource. Its `updated_at` and `updated_by` say when, and who made it.
    pub resource: Resource,
}

impl Serialize for HistoryEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = serializer.serialize_struct("HistoryEntry", 5)?;
        entry.serialize_field("version", &self.resource.version)?;
        entry.serialize_field("at", &self.resource.updated_at)?;
        entry.serialize_field("by", &self.resource.updated_by)?;
        entry.serialize_field("action", &self.action)?;
        entry.serialize_field("resource", &View::from(self.resource.clone()))?;
        entry.end()
    }
}

/// A page of a resource's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRequest {
    /// How many entries the page may have.
    pub limit: usize,
    /// Where the page before ended, as the client sent it.
    pub cursor: Option<Cursor>,
}

impl HistoryRequest {
    /// What a cursor of a resource's history is good for.
    pub fn binding(collection: &Collection, id: ResourceId) -> CursorBinding {
        CursorBinding::new(&["history", &collection.to_string(), &id.to_string()])
    }
}
