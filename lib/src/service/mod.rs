//! The rules: what happens to resources when a caller asks. Takes the caller and the time, gives domain types.

mod batch;
mod change;
mod contention;
mod history;
mod processor;
mod publisher;
mod reads;
mod reindex;
mod search;

pub use change::{Answered, ChangeService};
pub use history::HistoryService;
pub use processor::ChangeProcessor;
pub use publisher::EventPublisher;
pub use reindex::{Owner, Reindex};
pub use search::SearchService;

use crate::cache::{Cache, CachedResources};
use crate::repository::ResourceRepository;

/// What can be read of resources.
#[derive(Debug, Clone)]
pub struct ResourceService {
    lists: ResourceRepository,
    by_id: CachedResources,
}

impl ResourceService {
    /// Resources in a repository, read by id through a cache.
    pub fn over(repository: ResourceRepository, cache: Cache) -> Self {
        Self { lists: repository.clone(), by_id: CachedResources::new(repository, cache) }
    }
}

#[cfg(test)]
mod tests;
