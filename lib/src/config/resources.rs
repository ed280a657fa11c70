//! Where resources are stored.

use super::{CacheConfig, Environment};
use crate::domain::Shards;

/// The resources table and its lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcesConfig {
    /// `RESOURCES_TABLE`: the name of the table.
    pub table: String,
    /// Where reads by id are cached.
    pub cache: CacheConfig,
    /// `LISTING_SHARDS`: index partitions for each list, 1 to 64; 1 when missing. May only grow.
    pub listing_shards: Shards,
}

impl ResourcesConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        Self {
            table: environment.required("RESOURCES_TABLE"),
            cache: CacheConfig::read(environment),
            listing_shards: environment.parsed(
                "LISTING_SHARDS",
                Shards::default(),
                "a whole number from 1 to 64",
                |value| value.parse().ok().and_then(Shards::new),
            ),
        }
    }
}
