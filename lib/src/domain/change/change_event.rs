//! A change that was made, as the table's stream tells of it.

use crate::domain::{
    Announcement, Collection, HistoryAction, HistoryEntry, Resource, ResourceId, ResourceKey, SearchEntry,
    Timestamp,
};

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEvent {
    /// What the resource is, and whose.
    pub collection: Collection,
    /// Which resource.
    pub id: ResourceId,
    /// When, as the stream says.
    pub at: Timestamp,
    /// What was done.
    pub change_type: ChangeType,
    /// Whether an event is published for it.
    pub announcement: Announcement,
}

/// What was done to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeType {
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

    /// The resource.
    pub fn key(&self) -> ResourceKey {
        (self.collection.clone(), self.id)
    }

    /// What search knew of the resource before, and what it is to know since then, where that differs.
    pub fn search_entries(&self) -> Option<(SearchEntry, SearchEntry)> {
        let entry = |resource: Option<&Resource>| resource.map(SearchEntry::of).unwrap_or_default();
        let entries = (entry(self.before()), entry(self.after()));
        (entries.0 != entries.1).then_some(entries)
    }

    /// The version that it made; `None` where it made none.
    pub fn entry(&self) -> Option<HistoryEntry> {
        let ChangeType::Stored { before, after } = &self.change_type else { return None };
        // An item may be written anew with nothing said of the resource.
        let is_new = before.as_ref().is_none_or(|before| before.version != after.version);
        let entry = || HistoryEntry {
            action: HistoryAction::between(before.as_deref(), after),
            resource: (**after).clone(),
        };
        is_new.then(entry)
    }
}
