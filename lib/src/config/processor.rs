//! What is kept from changes, and who is told of them.

use super::Environment;

/// The tables that follow changes, and the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessorConfig {
    /// `RESOURCES_TABLE`: the name of the table whose changes are followed.
    pub resources_table: String,
    /// `SEARCH_TABLE`: the name of the table of words.
    pub search_table: String,
    /// `HISTORY_TABLE`: the name of the table of versions.
    pub history_table: String,
    /// `EVENT_BUS_NAME`: the name or the ARN of the EventBridge bus that is told of changes; nobody is when missing.
    pub event_bus: Option<String>,
}

impl ProcessorConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        Self {
            resources_table: environment.required("RESOURCES_TABLE"),
            search_table: environment.required("SEARCH_TABLE"),
            history_table: environment.required("HISTORY_TABLE"),
            event_bus: environment.optional("EVENT_BUS_NAME"),
        }
    }
}
