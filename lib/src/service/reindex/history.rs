//! Repairs the history of resources that were restored to an earlier time: removes versions that they no
//! longer have, and adds the current one.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::CONCURRENCY;
use crate::Error;
use crate::domain::{HistoryAction, HistoryEntry, Resource, ResourceKey, Version};
use crate::repository::{HistoryRepository, ResourceRepository, StoredVersion};
use crate::retry::{Backoff, CONFLICT_RETRIES};

/// Makes the history consistent with the resources. Each write is a transaction on condition that the
/// resource is at the version that was read.
#[derive(Debug, Clone)]
pub struct HistoryRepair {
    resources: ResourceRepository,
    history: HistoryRepository,
}

impl HistoryRepair {
    /// Repairs the history of these resources.
    pub fn new(resources: ResourceRepository, history: HistoryRepository) -> Self {
        Self { resources, history }
    }

    /// Removes those of some versions that their resources have not reached, and those of resources that do
    /// not exist.
    ///
    /// # Errors
    /// If DynamoDB fails, or a resource changes in every attempt.
    pub async fn remove_unreached(&self, versions: &[StoredVersion]) -> Result<(), Error> {
        let mut pending: Vec<&StoredVersion> = versions.iter().collect();
        let mut waits = Backoff::of(CONFLICT_RETRIES);
        loop {
            let resources = pending.iter().map(|stored| stored.resource.clone());
            let current = self.resources.searchable(resources).await?;
            let removals: Vec<_> = pending
                .into_iter()
                .map(|stored| (stored, current.get(&stored.resource).map(|now| now.version)))
                .filter(|(stored, now)| now.is_none_or(|now| now < stored.version))
                .map(|(stored, now)| self.remove(stored, now))
                .collect();
            let changed: Vec<_> = stream::iter(removals).buffer_unordered(CONCURRENCY).try_collect().await?;
            pending = changed.into_iter().flatten().collect();
            if pending.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(waits.next().ok_or(Error::WriteConflict)?).await;
        }
    }

    /// Returns the version if its resource has changed meanwhile.
    async fn remove<'a>(
        &self,
        stored: &'a StoredVersion,
        now: Option<Version>,
    ) -> Result<Option<&'a StoredVersion>, Error> {
        match self.history.remove_at(&self.resources, stored, now).await {
            Ok(()) => Ok(None),
            Err(Error::WriteConflict) => Ok(Some(stored)),
            Err(error) => Err(error),
        }
    }

    /// Writes the current version of each of some resources, if the history does not have it.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn add_present(&self, resources: Vec<ResourceKey>) -> Result<(), Error> {
        let current = self.resources.find_all(resources).await?;
        let added: Vec<_> = current.iter().map(|(key, resource)| self.add(key, resource)).collect();
        stream::iter(added).buffer_unordered(CONCURRENCY).try_for_each(|()| async { Ok(()) }).await
    }

    async fn add(&self, key: &ResourceKey, resource: &Resource) -> Result<(), Error> {
        let newest = self.history.entries(&key.0, key.1, None, 1).await?.entries.pop();
        if newest.as_ref().is_some_and(|newest| newest.resource.version >= resource.version) {
            return Ok(());
        }
        // Without the version before, a restore cannot be distinguished from an update.
        let before = newest.filter(|newest| newest.resource.version + 1 == resource.version);
        let action = match (before, resource.version) {
            (None, 2..) if resource.is_deleted() => HistoryAction::Deleted,
            (None, 2..) => HistoryAction::Updated,
            (before, _) => HistoryAction::between(before.map(|before| before.resource).as_ref(), resource),
        };
        let entry = HistoryEntry { action, resource: resource.clone() };
        match self.history.add_at(&self.resources, key, &entry).await {
            // If the resource has changed meanwhile, the stream delivers that change.
            Ok(()) | Err(Error::WriteConflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
