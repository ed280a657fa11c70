//! Where the versions of resources are stored.

use super::Environment;

/// The table of resources, and that of their versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryConfig {
    /// `RESOURCES_TABLE`: the name of the table.
    pub resources_table: String,
    /// `HISTORY_TABLE`: the name of the table of versions.
    pub history_table: String,
}

impl HistoryConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        Self {
            resources_table: environment.required("RESOURCES_TABLE"),
            history_table: environment.required("HISTORY_TABLE"),
        }
    }
}
