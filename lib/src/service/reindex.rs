//! Making the search table anew for resources that are there, beside whatever changes them.

use std::collections::HashSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Error;
use crate::domain::{ResourceKey, Version};
use crate::repository::{ResourceRepository, SearchRepository, SearchableVersion, Word};
use crate::retry::{Backoff, CONFLICT_RETRIES};

/// The resources that are written at the same time.
const CONCURRENCY: usize = 8;

/// Words to be added, and words to be removed.
type Differences = (Vec<Word>, Vec<Word>);

/// Brings the search table in line with resources.
///
/// Each write is a transaction on condition that the resource is as it was read, so that it never undoes what follows a
/// later change.
#[derive(Debug, Clone)]
pub struct Reindex {
    resources: ResourceRepository,
    search: SearchRepository,
}

impl Reindex {
    /// Of these resources.
    pub fn new(resources: ResourceRepository, search: SearchRepository) -> Self {
        Self { resources, search }
    }

    /// Writes the words that resources are found by.
    ///
    /// # Errors
    /// Only when the store fails, or a resource changes all the time.
    pub async fn add(&self, owners: Vec<ResourceKey>) -> Result<(), Error> {
        let added = |(tenant, id): &ResourceKey, now: Option<&SearchableVersion>| {
            let words = now.map(|now| now.words.iter().map(|word| Word::new(tenant, *id, word)).collect());
            (words.unwrap_or_default(), Vec::new())
        };
        self.write_each(owners, added).await
    }

    /// Removes those of some words of the search table that their resources do not have.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn remove_stale(&self, words: &[Word]) -> Result<(), Error> {
        let owners: HashSet<ResourceKey> = words.iter().map(Word::resource).collect();
        let stale = |resource_key: &ResourceKey, now: Option<&SearchableVersion>| {
            let (tenant, id) = resource_key;
            let right: HashSet<Word> = now
                .map(|now| now.words.iter().map(|word| Word::new(tenant, *id, word)).collect())
                .unwrap_or_default();
            let stale = words.iter().filter(|word| word.resource() == *resource_key && !right.contains(word));
            (Vec::new(), stale.cloned().collect())
        };
        self.write_each(Vec::from_iter(owners), stale).await
    }

    /// Writes what `differences` gives for each resource: words to be added, and words to be removed. Resources that change
    /// meanwhile are read again.
    async fn write_each(
        &self,
        mut pending: Vec<ResourceKey>,
        differences: impl Fn(&ResourceKey, Option<&SearchableVersion>) -> Differences,
    ) -> Result<(), Error> {
        let mut waits = Backoff::of(CONFLICT_RETRIES);
        loop {
            let current = self.resources.names(pending.clone()).await?;
            let writes: Vec<_> = pending
                .into_iter()
                .map(|resource_key| {
                    let now = current.get(&resource_key);
                    let (added, removed) = differences(&resource_key, now);
                    self.write(resource_key, now.map(|now| now.version), added, removed)
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

    /// Writes while the resource is at a version; gives it back where it no longer is.
    async fn write(
        &self,
        resource_key: ResourceKey,
        version: Option<Version>,
        added: Vec<Word>,
        removed: Vec<Word>,
    ) -> Result<Option<ResourceKey>, Error> {
        match self.search.write_at(&self.resources, &resource_key, version, &added, &removed).await {
            Ok(()) => Ok(None),
            Err(Error::WriteConflict) => Ok(Some(resource_key)),
            Err(error) => Err(error),
        }
    }
}
