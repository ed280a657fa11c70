//! Updates search, history and the cache after changes. Processing a change twice or late has the same
//! result.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::try_join_all;
use futures_util::try_join;

use crate::Error;
use crate::cache::Cache;
use crate::domain::{ChangeEvent, ChangeType, ResourceKey, Version};
use crate::repository::{
    HistoryRepository, ResourceRepository, SearchRepository, SearchableVersion, Word, WordChange,
};

/// Updates everything that is derived from changes.
#[derive(Debug, Clone)]
pub struct ChangeProcessor {
    resources: ResourceRepository,
    search: SearchRepository,
    history: HistoryRepository,
    cache: Cache,
}

/// The current state of resources. Those that are missing have been purged.
type Current = HashMap<ResourceKey, SearchableVersion>;

impl ChangeProcessor {
    /// A processor that updates these.
    pub fn new(
        resources: ResourceRepository,
        search: SearchRepository,
        history: HistoryRepository,
        cache: Cache,
    ) -> Self {
        Self { resources, search, history, cache }
    }

    /// Updates search and history after some changes, and removes older versions from the cache, because a
    /// writer may have failed to update it.
    ///
    /// A change only selects what to re-read. Writes derive from the current resources, so an old change that
    /// is processed again undoes no later one.
    ///
    /// # Errors
    /// If some of the writes failed. Then all changes must be processed again.
    pub async fn process(&self, changes: &[ChangeEvent]) -> Result<(), Error> {
        let resources: Vec<_> = changes.iter().map(ChangeEvent::key).collect();
        let current = self.resources.searchable(resources).await?;
        try_join!(self.follow_words(changes, &current), self.follow_versions(changes, &current))?;
        self.follow_in_cache(changes, &current).await;
        Ok(())
    }

    /// A cache that does not respond neither fails the batch nor delays it for long.
    async fn follow_in_cache(&self, changes: &[ChangeEvent], current: &Current) {
        if !self.cache.is_on() {
            return;
        }
        let version = |change: &ChangeEvent| {
            let resource_key = change.key();
            // Every cached version of a purged resource is older.
            let version = current.get(&resource_key).map_or(Version::MAX, |now| now.version);
            (resource_key, version)
        };
        self.cache.invalidate_older(changes.iter().map(version).collect()).await;
    }

    /// If a change affects the search entry, each word of the entries before and after it is put with the
    /// current entry if the resource has the word now, and removed if it has not.
    async fn follow_words(&self, changes: &[ChangeEvent], current: &Current) -> Result<(), Error> {
        let (mut put, mut removed) = (HashMap::new(), HashSet::new());
        for change in changes {
            let Some((before, after)) = change.search_entries() else { continue };
            let key = change.key();
            let now = current.get(&key).map(|now| Arc::new(now.entry.clone()));
            // `created_by` never changes.
            let owner = after.owner.as_deref().or(before.owner.as_deref());
            for word in before.words.iter().chain(after.words.iter()) {
                let places = Word::places(&key, word, owner);
                match now.as_ref().filter(|now| now.words.contains(word)) {
                    Some(now) => put.extend(places.map(|place| (place, Arc::clone(now)))),
                    None => removed.extend(places),
                }
            }
        }
        // Long words are cut in the key, so several may share one.
        removed.retain(|word| !put.contains_key(word));
        let put = put.into_iter().map(|(word, entry)| WordChange::Put(word, entry));
        let changes: Vec<_> = put.chain(removed.into_iter().map(WordChange::Removed)).collect();
        self.search.write(&changes).await
    }

    /// Stores each version that the resource has reached. For a purge, removes the versions that it has not
    /// reached: all of them, unless the resource exists again. It does if the purge was in a table that a
    /// restored table replaced, or if an import created the resource again.
    async fn follow_versions(&self, changes: &[ChangeEvent], current: &Current) -> Result<(), Error> {
        let mut kept = HashMap::new();
        let mut purged = HashMap::new();
        for change in changes {
            let resource_key = change.key();
            let now = current.get(&resource_key);
            if matches!(change.change_type, ChangeType::Removed { .. }) {
                purged.insert(resource_key, now.map_or(0, |now| now.version));
            } else if let Some(now) = now
                && let Some(entry) = change.entry()
                && entry.resource.version <= now.version
            {
                let tenant = resource_key.0.tenant.clone();
                kept.insert((resource_key, entry.resource.version), (tenant, entry));
            }
        }
        self.history.put(&kept.into_values().collect::<Vec<_>>()).await?;
        let removals = purged
            .iter()
            .map(|((collection, id), reached)| self.history.remove_after(collection, *id, *reached));
        try_join_all(removals).await?;
        Ok(())
    }
}
