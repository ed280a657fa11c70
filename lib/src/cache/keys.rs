//! The keys of the cache: all begin with the name of the resources table. Where another table takes its place, as one that was
//! restored to an earlier time, nothing that is known of the other is ever given for it.

use crate::domain::ResourceKey;

/// The keys of what is known of one table.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    /// Those of the resources in a table. A table's name has no colon.
    pub(super) fn of(table: &str) -> Self {
        Self { prefix: format!("resource-api:{table}") }
    }

    /// The key of a resource's entry.
    pub(super) fn entry(&self, (collection, id): &ResourceKey) -> String {
        format!("{}:{collection}#{id}", self.prefix)
    }

    /// The key of what says which filling of the server this is: it goes when everything goes.
    pub(super) fn epoch(&self) -> String {
        format!("{}:epoch", self.prefix)
    }
}
