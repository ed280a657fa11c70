//! The keys of the cache. All begin with the name of the resources table: a table that replaces it, for
//! example one restored to an earlier time, starts with an empty cache.

use crate::domain::ResourceKey;

/// The keys for one table.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    /// The keys for the resources in a table. The name of a table cannot contain a colon.
    pub(super) fn of(table: &str) -> Self {
        Self { prefix: format!("resource-api:{table}") }
    }

    /// The key of a resource's entry.
    pub(super) fn entry(&self, (collection, id): &ResourceKey) -> String {
        format!("{}:{collection}#{id}", self.prefix)
    }

    /// The key of the epoch, which is lost when the server loses its data.
    pub(super) fn epoch(&self) -> String {
        format!("{}:epoch", self.prefix)
    }
}
