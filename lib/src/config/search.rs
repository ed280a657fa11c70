//! Where the words of searched fields are stored.

use super::Environment;

/// The table of resources, and that of their words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchConfig {
    /// `RESOURCES_TABLE`: the name of the table.
    pub resources_table: String,
    /// `SEARCH_TABLE`: the name of the table of words.
    pub search_table: String,
}

impl SearchConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        Self {
            resources_table: environment.required("RESOURCES_TABLE"),
            search_table: environment.required("SEARCH_TABLE"),
        }
    }
}
