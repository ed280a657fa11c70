//! The rules: what happens to resources when a caller asks. Takes the caller and the time, gives domain types.

mod batch_write;
mod commit;
mod export;
mod history;
mod import;
mod processor;
mod publisher;
mod read;
mod reindex;
mod retry_on_conflict;
mod search;
mod write;

pub use export::{ExportPage, ExportService};
pub use history::HistoryService;
pub use import::{ImportOptions, ImportService, Imported, Presence, Unmet};
pub use processor::ChangeProcessor;
pub use publisher::EventPublisher;
pub use reindex::{HistoryRepair, Reindex, SharedValue};
pub use search::SearchService;
pub use write::{Execution, WriteService};

use crate::Error;
use crate::cache::{Cache, CachedResources};
use crate::domain::{Caller, Kind, Kinds, Permission, Scope};
use crate::repository::ResourceRepository;

/// The resources of a kind that a caller may see.
///
/// # Errors
/// [`Error::Forbidden`] where the caller's role may see none.
fn scope(caller: &Caller, kind: &'static Kind) -> Result<Scope, Error> {
    caller.scope(kind).ok_or_else(|| Error::forbidden(caller, Permission::Read, kind))
}

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
