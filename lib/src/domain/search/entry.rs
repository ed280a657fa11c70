//! What search knows of a resource.

use crate::domain::{FieldRef, FieldValue, Fields, Kind, Resource, ShownStatus, Status, Words};

/// What search knows of a resource; nothing of one that is deleted, or of a kind that is not searched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchEntry {
    /// The words that it is found by: those of all searched fields together.
    pub words: Words,
    /// Its status; `None` where nothing is known.
    pub status: Option<Status>,
    /// The subject that created it, if the kind has `owners_only` roles.
    pub owner: Option<String>,
}

impl SearchEntry {
    /// The fields that an entry is made from.
    pub fn fields(kind: &Kind) -> Fields {
        let searched = kind.searched();
        if kind.has_owners() { searched.with(FieldRef::CREATED_BY) } else { searched }
    }

    /// What is to be known of a resource of which these fields are there.
    pub fn of(resource: &Resource) -> Self {
        let ShownStatus::Living(status) = resource.shown_status() else { return Self::default() };
        let searched = resource.values.iter().filter(|(_, field, _)| field.searched);
        let words = Words::of_all(searched.filter_map(|(_, _, value)| FieldValue::as_text(value)));
        if words.is_empty() {
            return Self::default();
        }
        let owner = resource.values.kind().has_owners().then(|| resource.created_by.clone());
        Self { words, status: Some(status), owner }
    }
}
