//! The search entry of a resource.

use crate::domain::{FieldRef, FieldValue, Fields, Kind, Resource, ShownStatus, Status, Words};

/// The content of the search table for a resource. Empty for a deleted resource, and for one without words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchEntry {
    /// The words of all searched fields.
    pub words: Words,
    /// Its status; `None` for an empty entry.
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

    /// The entry of a resource that has [`Self::fields`].
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
