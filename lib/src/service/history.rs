//! History: the versions of a resource that exists.

use futures_util::try_join;

use super::scope;
use crate::Error;
use crate::domain::{
    Caller, Continuation, Fields, HistoryEntry, HistoryRequest, Kind, Page, Position, ResourceId, Version,
};
use crate::repository::{HistoryRepository, ResourceRepository};

/// The history of resources.
#[derive(Debug, Clone)]
pub struct HistoryService {
    resources: ResourceRepository,
    history: HistoryRepository,
}

impl HistoryService {
    /// The history of the resources in these tables.
    pub fn over(resources: ResourceRepository, history: HistoryRepository) -> Self {
        Self { resources, history }
    }

    /// One page of a resource's versions, the newest first. The latest may be missing for a moment, because
    /// the history follows the table's stream.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the caller has no such resource, [`Error::InvalidCursor`] if the cursor belongs
    /// to another history.
    pub async fn list(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        id: ResourceId,
        request: &HistoryRequest,
    ) -> Result<Page<HistoryEntry>, Error> {
        let scope = scope(caller, kind)?;
        let collection = &scope.collection;
        let binding = HistoryRequest::binding(collection, id);
        let before: Option<Version> = match &request.cursor {
            None => None,
            Some(cursor) => {
                let next = cursor.continuation(binding).and_then(|next| next.position.parse().ok());
                Some(next.ok_or(Error::InvalidCursor)?)
            }
        };
        let (_there, read) = try_join!(
            self.resources.view(&scope, id, Fields::NONE),
            self.history.entries(collection, id, before, request.limit),
        )?;
        let position = |entry: &HistoryEntry| -> Position { entry.resource.version.to_string() };
        let next = read.entries.last().filter(|_| read.more).map(|last| Continuation::behind(position(last)));
        let rows = read.entries.into_iter().map(|entry| (position(&entry), entry)).collect();
        Ok(Page { rows, next, binding })
    }
}
