//! What search knows of a resource.

use crate::domain::{FieldValue, Resource, ShownStatus, Status, Words};

/// What search knows of a resource; nothing of one that is deleted, or of a kind that is not searched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchEntry {
    /// The words that it is found by: those of all searched fields together.
    pub words: Words,
    /// Its status; `None` where nothing is known.
    pub status: Option<Status>,
}

impl SearchEntry {
    /// What is to be known of a resource whose searched fields are there.
    pub fn of(resource: &Resource) -> Self {
        let ShownStatus::Living(status) = resource.shown_status() else { return Self::default() };
        let searched = resource.values.iter().filter(|(_, field, _)| field.searched);
        let words = Words::of_all(searched.filter_map(|(_, _, value)| FieldValue::as_text(value)));
        if words.is_empty() { Self::default() } else { Self { words, status: Some(status) } }
    }
}
