//! The service layer: applies operations of callers to resources. Takes the caller and the time, and returns
//! domain types.

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
/// [`Error::Forbidden`] if the caller's role may see none.
fn scope(caller: &Caller, kind: &'static Kind) -> Result<Scope, Error> {
    caller.scope(kind).ok_or_else(|| Error::forbidden(caller, Permission::Read, kind))
}

/// Reads resources.
#[derive(Debug, Clone)]
pub struct ReadService {
    lists: ResourceRepository,
    by_id: CachedResources,
    kinds: Kinds,
}

impl ReadService {
    /// Reads resources of some kinds from a repository; reads by id use the cache.
    pub fn over(repository: ResourceRepository, cache: Cache, kinds: Kinds) -> Self {
        Self { lists: repository.clone(), by_id: CachedResources::new(repository, cache), kinds }
    }
}

#[cfg(test)]
mod tests;
