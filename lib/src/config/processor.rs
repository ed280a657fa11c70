//! The configuration of the functions on the table's stream.

use super::{CacheConfig, Environment};

/// The tables and the cache of `process-changes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessorConfig {
    /// `RESOURCES_TABLE`: the name of the table with the stream.
    pub resources_table: String,
    /// `SEARCH_TABLE`: the name of the table of words.
    pub search_table: String,
    /// `HISTORY_TABLE`: the name of the table of versions.
    pub history_table: String,
    /// The cache, whose older entries are removed.
    pub cache: CacheConfig,
}

/// The bus that receives events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherConfig {
    /// `EVENT_BUS_NAME`: the name or the ARN of the EventBridge bus.
    pub event_bus: String,
}

impl PublisherConfig {
    /// Reads its variable.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        Self { event_bus: environment.required("EVENT_BUS_NAME") }
    }
}

impl ProcessorConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        Self {
            resources_table: environment.required("RESOURCES_TABLE"),
            search_table: environment.required("SEARCH_TABLE"),
            history_table: environment.required("HISTORY_TABLE"),
            cache: CacheConfig::read(environment),
        }
    }
}
