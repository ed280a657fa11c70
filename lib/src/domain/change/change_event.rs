//! A change that was made, as the table's stream tells of it.

use crate::domain::{HistoryAction, HistoryEntry, Resource, ResourceId, Tenant, Timestamp, Words};

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEvent {
    /// Whose resource it is.
    pub tenant: Tenant,
    /// Which resource.
    pub id: ResourceId,
    /// When, as the stream says.
    pub at: Timestamp,
    /// What was done.
    pub change_type: ChangeType,
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

    /// The words that search finds the resource by since then, or until then: those that came or went.
    pub fn words_that_came_or_went(&self) -> Vec<String> {
        let words = |resource: Option<&Resource>| {
            resource.map(|it| Words::found_by(it.shown_status(), &it.values.name)).unwrap_or_default()
        };
        let (before, after) = (words(self.before()), words(self.after()));
        before.differences(&after).map(str::to_owned).collect()
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
