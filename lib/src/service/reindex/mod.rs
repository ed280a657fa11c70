//! Rebuilds index keys, unique values and the search table for existing resources, concurrently with their
//! changes.

mod history;
mod unique_values;

pub use history::HistoryRepair;
pub use unique_values::SharedValue;

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Error;
use crate::domain::{ResourceKey, Version};
use crate::repository::{
    Item, ResourceRepository, SearchRepository, SearchableVersion, UniqueValueRepository, Word, WordChange,
};
use crate::retry::{Backoff, CONFLICT_RETRIES};

/// The most resources that are written concurrently.
const CONCURRENCY: usize = 8;

/// Makes index keys, unique values and the search table consistent with the resources and the current
/// declarations.
///
/// Each write has the condition that the resource is at the version that was read, so that it never undoes
/// the effect of a later change.
#[derive(Debug, Clone)]
pub struct Reindex {
    resources: ResourceRepository,
    search: SearchRepository,
    unique_values: UniqueValueRepository,
}

impl Reindex {
    /// Rebuilds for these resources.
    pub fn new(
        resources: ResourceRepository,
        search: SearchRepository,
        unique_values: UniqueValueRepository,
    ) -> Self {
        Self { resources, search, unique_values }
    }

    /// Writes the index keys, the unique values and the words of resources, given their items. Returns the
    /// unique values that another resource holds; an operator has to decide which of the two changes.
    ///
    /// # Errors
    /// As [`Self::add`], and if an item is not a resource.
    pub async fn write(&self, items: Vec<(ResourceKey, Item)>) -> Result<Vec<SharedValue>, Error> {
        let writes: Vec<_> =
            items.iter().map(|(key, item)| self.resources.bring_in_line(key, item)).collect();
        stream::iter(writes).buffer_unordered(CONCURRENCY).try_for_each(|_| async { Ok(()) }).await?;
        let resources: Vec<_> = items.into_iter().map(|(key, _)| key).collect();
        let shared = self.add_values(&resources).await?;
        self.add(resources).await?;
        Ok(shared)
    }

    /// Writes the words of resources.
    ///
    /// # Errors
    /// If DynamoDB fails, or a resource changes in every attempt.
    pub async fn add(&self, owners: Vec<ResourceKey>) -> Result<(), Error> {
        let added = |key: &ResourceKey, now: Option<&SearchableVersion>| -> Vec<WordChange> {
            let Some(SearchableVersion { entry, .. }) = now else { return Vec::new() };
            let shared = Arc::new(entry.clone());
            let words = Word::all(key, entry).into_iter();
            words.map(|word| WordChange::Put(word, Arc::clone(&shared))).collect()
        };
        self.write_each(owners, added).await
    }

    /// Removes those of some words of the search table that their resources do not have.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn remove_stale(&self, words: &[Word]) -> Result<(), Error> {
        let owners: HashSet<ResourceKey> = words.iter().map(|word| word.resource().clone()).collect();
        let stale = |key: &ResourceKey, now: Option<&SearchableVersion>| {
            let right = now.map(|now| Word::all(key, &now.entry)).unwrap_or_default();
            let is_stale = |word: &&Word| word.resource() == key && !right.contains(*word);
            words.iter().filter(is_stale).cloned().map(WordChange::Removed).collect()
        };
        self.write_each(Vec::from_iter(owners), stale).await
    }

    /// Writes the `differences` of each resource. Resources that change meanwhile are read again.
    async fn write_each(
        &self,
        mut pending: Vec<ResourceKey>,
        differences: impl Fn(&ResourceKey, Option<&SearchableVersion>) -> Vec<WordChange>,
    ) -> Result<(), Error> {
        let mut waits = Backoff::of(CONFLICT_RETRIES);
        loop {
            let current = self.resources.searchable(pending.clone()).await?;
            let writes: Vec<_> = pending
                .into_iter()
                .map(|resource_key| {
                    let now = current.get(&resource_key);
                    let changes = differences(&resource_key, now);
                    self.write_words(resource_key, now.map(|now| now.version), changes)
                })
                .collect();
            let written: Vec<Option<ResourceKey>> =
                stream::iter(writes).buffer_unordered(CONCURRENCY).try_collect().await?;
            pending = written.into_iter().flatten().collect();
            if pending.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(waits.next().ok_or(Error::WriteConflict)?).await;
        }
    }

    /// Writes on condition that the resource is at a version. Returns it if it is not.
    async fn write_words(
        &self,
        resource_key: ResourceKey,
        version: Option<Version>,
        changes: Vec<WordChange>,
    ) -> Result<Option<ResourceKey>, Error> {
        match self.search.write_at(&self.resources, &resource_key, version, &changes).await {
            Ok(()) => Ok(None),
            Err(Error::WriteConflict) => Ok(Some(resource_key)),
            Err(error) => Err(error),
        }
    }
}
