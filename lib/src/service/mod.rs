//! The rules: what happens to resources when a caller asks. Takes the caller and the time, gives domain types.

mod batch_write;
mod history;
mod processor;
mod publisher;
mod read;
mod reindex;
mod retry_on_conflict;
mod search;
mod write;

pub use history::HistoryService;
pub use processor::ChangeProcessor;
pub use publisher::EventPublisher;
pub use reindex::Reindex;
pub use search::SearchService;
pub use write::{Execution, WriteService};

use crate::cache::{Cache, CachedResources};
use crate::domain::Kinds;
use crate::repository::ResourceRepository;

/// What can be read of resources.
#[derive(Debug, Clone)]
pub struct ReadService {
    lists: ResourceRepository,
    by_id: CachedResources,
    kinds: Kinds,
}

impl ReadService {
    /// Resources of some kinds in a repository, read by id through a cache.
    pub fn over(repository: ResourceRepository, cache: Cache, kinds: Kinds) -> Self {
        Self { lists: repository.clone(), by_id: CachedResources::new(repository, cache), kinds }
    }
}

#[cfg(test)]
mod tests;
