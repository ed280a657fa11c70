//! The configuration of functions that change resources.

use super::{Environment, ResourcesConfig};
use crate::domain::Retention;

/// The table of resources, and what else changes need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritesConfig {
    /// Where resources are stored.
    pub resources: ResourcesConfig,
    /// `UNIQUE_VALUES_TABLE`: the name of the table of unique values.
    pub unique_values_table: String,
    /// `IDEMPOTENCY_TABLE`: the name of the table of stored responses.
    pub idempotency_table: String,
    /// `RETENTION_DAYS`: how long a deleted resource can be restored, 1 to 3,650 days; 30 when missing.
    pub retention: Retention,
}

impl WritesConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        Self {
            resources: ResourcesConfig::read(environment),
            unique_values_table: environment.required("UNIQUE_VALUES_TABLE"),
            idempotency_table: environment.required("IDEMPOTENCY_TABLE"),
            retention: environment.parsed(
                "RETENTION_DAYS",
                Retention::default(),
                &format!("a whole number from 1 to {}", Retention::MAX_DAYS),
                |value| value.parse().ok().and_then(Retention::of_days),
            ),
        }
    }
}
