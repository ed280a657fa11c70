//! Exports all records of a collection, in the order of creation, each as it is when it is read.

use super::import::patiently;
use crate::Error;
use crate::domain::{
    Collection, Continuation, Fields, Filter, ListRequest, PageStart, Position, Resource, ResourceId, Scope,
    Selection, ShownStatus, SortBy, SortOrder, Timestamp,
};
use crate::repository::ResourceRepository;

/// The ids of a page.
const PAGE: usize = 1000;

/// Exports the records of a collection.
#[derive(Debug, Clone)]
pub struct ExportService {
    resources: ResourceRepository,
    scope: Scope,
    /// Whether deleted records are exported, too.
    deleted: bool,
}

/// Ids of records, and the position of the next ones; `None` at the end.
pub type ExportPage = (Vec<ResourceId>, Option<Position>);

impl ExportService {
    /// Exports from a repository, with or without deleted records.
    pub fn over(resources: ResourceRepository, collection: Collection, deleted: bool) -> Self {
        Self { resources, scope: Scope::all(collection), deleted }
    }

    /// Whether lists have rows that are not read here, because the collection has more shards than are
    /// configured.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn has_more_shards(&self) -> Result<bool, Error> {
        patiently(|| self.resources.has_more_shards(&self.scope.collection)).await
    }

    /// The ids after a position, in the order of creation, as the index has them. The index is eventually
    /// consistent.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn page(&self, behind: Option<&Position>, now: Timestamp) -> Result<ExportPage, Error> {
        let kind = self.scope.kind();
        let mut statuses = ShownStatus::living(kind);
        statuses.extend(self.deleted.then_some(ShownStatus::Deleted));
        let request = ListRequest {
            kind,
            filter: Filter { statuses, conditions: Vec::new() },
            order: SortOrder { by: SortBy::Created, descending: false },
            limit: PAGE,
            start: PageStart::Offset(0),
            selection: Selection { fields: Fields::NONE, expand: Fields::NONE },
        };
        let behind = behind.map(String::as_str);
        let listed = patiently(|| self.resources.list(&self.scope, &request, behind, 0, now)).await?;
        let ids = listed.rows.iter().map(|(_, view)| view.id()).collect();
        Ok((ids, listed.next.map(|Continuation { position, .. }| position)))
    }

    /// The records of ids, in their order: strongly consistent reads. Those that no longer exist are omitted.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn records(&self, ids: &[ResourceId], now: Timestamp) -> Result<Vec<Resource>, Error> {
        let key = |id: &ResourceId| (self.scope.collection.clone(), *id);
        let mut found = patiently(|| self.resources.find_all(ids.iter().map(key))).await?;
        let is_exported = |it: &Resource| if self.deleted { it.exists_at(now) } else { !it.is_deleted() };
        let records = ids.iter().filter_map(|id| found.remove(&key(id)));
        Ok(records.filter(is_exported).collect())
    }
}
