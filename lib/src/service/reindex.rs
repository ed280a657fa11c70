//! Making the search table anew for resources that are there, beside whatever changes them.

use std::collections::HashSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Error;
use crate::domain::{ResourceId, Tenant, Version};
use crate::repository::{NamedVersion, ResourceRepository, SearchRepository, Word};
use crate::retry::{Backoff, CONTENTION_RETRIES};

/// The resources that are written at the same time.
const CONCURRENCY: usize = 8;

/// Whose resource, and which.
pub type Owner = (Tenant, ResourceId);

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
    pub async fn add(&self, owners: Vec<Owner>) -> Result<(), Error> {
        let added = |(tenant, id): &Owner, now: Option<&NamedVersion>| {
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
        let owners: HashSet<Owner> = words.iter().map(Word::resource).collect();
        let stale = |owner: &Owner, now: Option<&NamedVersion>| {
            let (tenant, id) = owner;
            let right: HashSet<Word> = now
                .map(|now| now.words.iter().map(|word| Word::new(tenant, *id, word)).collect())
                .unwrap_or_default();
            let stale = words.iter().filter(|word| word.resource() == *owner && !right.contains(word));
            (Vec::new(), stale.cloned().collect())
        };
        self.write_each(Vec::from_iter(owners), stale).await
    }

    /// Writes what `differences` gives for each resource: words to be added, and words to be removed. Resources that change
    /// meanwhile are read again.
    async fn write_each(
        &self,
        mut pending: Vec<Owner>,
        differences: impl Fn(&Owner, Option<&NamedVersion>) -> Differences,
    ) -> Result<(), Error> {
        let mut waits = Backoff::of(CONTENTION_RETRIES);
        loop {
            let current = self.resources.names(pending.clone()).await?;
            let writes: Vec<_> = pending
                .into_iter()
                .map(|owner| {
                    let now = current.get(&owner);
                    let (added, removed) = differences(&owner, now);
                    self.write(owner, now.map(|now| now.version), added, removed)
                })
                .collect();
            let written: Vec<Option<Owner>> =
                stream::iter(writes).buffer_unordered(CONCURRENCY).try_collect().await?;
            pending = written.into_iter().flatten().collect();
            if pending.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(waits.next().ok_or(Error::Contended)?).await;
        }
    }

    /// Writes while the resource is at a version; gives it back where it no longer is.
    async fn write(
        &self,
        owner: Owner,
        version: Option<Version>,
        added: Vec<Word>,
        removed: Vec<Word>,
    ) -> Result<Option<Owner>, Error> {
        match self.search.write_at(&self.resources, &owner, version, &added, &removed).await {
            Ok(()) => Ok(None),
            Err(Error::Contended) => Ok(Some(owner)),
            Err(error) => Err(error),
        }
    }
}
