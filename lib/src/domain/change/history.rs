//! The history of a resource: its versions.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::domain::{Collection, Cursor, CursorBinding, Resource, ResourceId, View};

/// The action that made a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HistoryAction {
    /// The resource was created.
    Created,
    /// Its values were changed.
    Updated,
    /// It was deleted.
    Deleted,
    /// It was restored.
    Restored,
}

impl HistoryAction {
    /// Every action.
    pub const ALL: [Self; 4] = [Self::Created, Self::Updated, Self::Deleted, Self::Restored];

    /// The action that made `after` out of `before`, which is `None` for the first version.
    pub fn between(before: Option<&Resource>, after: &Resource) -> Self {
        let was_deleted = before.is_some_and(super::super::resource::Resource::is_deleted);
        match (before, was_deleted, after.is_deleted()) {
            (None, ..) => Self::Created,
            (_, false, true) => Self::Deleted,
            (_, true, false) => Self::Restored,
            _ => Self::Updated,
        }
    }

    /// Parses an action; `None` for any other word.
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

/// One version of a resource: the action that made it, and the resource at that version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The action that made it.
    pub action: HistoryAction,
    /// The resource. Its `updated_at` and `updated_by` are the time and the author of the version.
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

/// A request for a page of a resource's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRequest {
    /// The most entries of the page.
    pub limit: usize,
    /// The position after the previous page, as the client sent it.
    pub cursor: Option<Cursor>,
}

impl HistoryRequest {
    /// The binding of cursors of a resource's history.
    pub fn binding(collection: &Collection, id: ResourceId) -> CursorBinding {
        CursorBinding::new(&["history", &collection.to_string(), &id.to_string()])
    }
}
