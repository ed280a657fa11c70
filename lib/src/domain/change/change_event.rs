//! A change, as a record of the table's stream describes it.

use crate::domain::{
    Announcement, Collection, HistoryAction, HistoryEntry, Resource, ResourceId, ResourceKey, SearchEntry,
    Timestamp,
};

/// A change that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEvent {
    /// The tenant and the kind of the resource.
    pub collection: Collection,
    /// The id of the resource.
    pub id: ResourceId,
    /// The time of the change according to the stream.
    pub at: Timestamp,
    /// The type of the change.
    pub change_type: ChangeType,
    /// Whether an event is published for it.
    pub announcement: Announcement,
}

/// The type of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeType {
    /// It was stored, as a new resource or in place of an earlier image.
    Stored {
        /// The image before; `None` for a new resource.
        before: Option<Box<Resource>>,
        /// The image after.
        after: Box<Resource>,
    },
    /// It was purged.
    Removed {
        /// The last image.
        before: Box<Resource>,
        /// Whether it expired (TTL), instead of being purged by a caller.
        expired: bool,
    },
}

impl ChangeEvent {
    fn before(&self) -> Option<&Resource> {
        match &self.change_type {
            ChangeType::Stored { before, .. } => before.as_deref(),
            ChangeType::Removed { before, .. } => Some(before),
        }
    }

    fn after(&self) -> Option<&Resource> {
        match &self.change_type {
            ChangeType::Stored { after, .. } => Some(after),
            ChangeType::Removed { .. } => None,
        }
    }

    /// The key of the resource.
    pub fn key(&self) -> ResourceKey {
        (self.collection.clone(), self.id)
    }

    /// The search entries before and after the change; `None` if they are equal.
    pub fn search_entries(&self) -> Option<(SearchEntry, SearchEntry)> {
        let entry = |resource: Option<&Resource>| resource.map(SearchEntry::of).unwrap_or_default();
        let entries = (entry(self.before()), entry(self.after()));
        (entries.0 != entries.1).then_some(entries)
    }

    /// The history entry of the version that the change made; `None` if it made none.
    pub fn entry(&self) -> Option<HistoryEntry> {
        let ChangeType::Stored { before, after } = &self.change_type else { return None };
        // An item can be written again with the same version, for example when it is reindexed.
        let is_new = before.as_ref().is_none_or(|before| before.version != after.version);
        let entry = || HistoryEntry {
            action: HistoryAction::between(before.as_deref(), after),
            resource: (**after).clone(),
        };
        is_new.then(entry)
    }
}
