//! What follows a change: search, history, and the cache. Whatever is done twice or late has the same result.

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

/// Keeps what is made from changes.
#[derive(Debug, Clone)]
pub struct ChangeProcessor {
    resources: ResourceRepository,
    search: SearchRepository,
    history: HistoryRepository,
    cache: Cache,
}

/// Resources as they are now; those that are not here were removed for good.
type Current = HashMap<ResourceKey, SearchableVersion>;

impl ChangeProcessor {
    /// A processor over these.
    pub fn new(
        resources: ResourceRepository,
        search: SearchRepository,
        history: HistoryRepository,
        cache: Cache,
    ) -> Self {
        Self { resources, search, history, cache }
    }

    /// Brings search and history up to date with some changes, and removes from the cache what is older than them: there a
    /// writer may not have been able to store its change.
    ///
    /// What a change says only decides what is looked at. What is written follows from the resources as they are now, so
    /// that an old change, told again, undoes nothing that a later one did.
    ///
    /// # Errors
    /// When not all is done; then all is to be done again.
    pub async fn process(&self, changes: &[ChangeEvent]) -> Result<(), Error> {
        let resources: Vec<_> = changes.iter().map(ChangeEvent::key).collect();
        let current = self.resources.searchable(resources).await?;
        try_join!(self.follow_words(changes, &current), self.follow_versions(changes, &current))?;
        self.follow_in_cache(changes, &current).await;
        Ok(())
    }

    /// A cache that cannot be told does not make the rest be done again, nor hold it up for long.
    async fn follow_in_cache(&self, changes: &[ChangeEvent], current: &Current) {
        if !self.cache.is_on() {
            return;
        }
        let version = |change: &ChangeEvent| {
            let resource_key = change.key();
            // An id is never given twice: whatever is known of one that is gone is older.
            let version = current.get(&resource_key).map_or(Version::MAX, |now| now.version);
            (resource_key, version)
        };
        self.cache.invalidate_older(changes.iter().map(version).collect()).await;
    }

    /// Where a change is one for search, each word that the resource had or has is there as the resource is now, if it has it
    /// now, and is not if it has not.
    async fn follow_words(&self, changes: &[ChangeEvent], current: &Current) -> Result<(), Error> {
        let (mut put, mut removed) = (HashMap::new(), HashSet::new());
        for change in changes {
            let Some((before, after)) = change.search_entries() else { continue };
            let key = change.key();
            let now = current.get(&key).map(|now| Arc::new(now.entry.clone()));
            // Who created it stays.
            let owner = after.owner.as_deref().or(before.owner.as_deref());
            for word in before.words.iter().chain(after.words.iter()) {
                let places = Word::places(&key, word, owner);
                match now.as_ref().filter(|now| now.words.contains(word)) {
                    Some(now) => put.extend(places.map(|place| (place, Arc::clone(now)))),
                    None => removed.extend(places),
                }
            }
        }
        // Long words may share a key, which holds their beginning.
        removed.retain(|word| !put.contains_key(word));
        let put = put.into_iter().map(|(word, entry)| WordChange::Put(word, entry));
        let changes: Vec<_> = put.chain(removed.into_iter().map(WordChange::Removed)).collect();
        self.search.write(&changes).await
    }

    /// Each version is kept, unless the resource is gone for good by now; then none of its versions is. A version that the
    /// resource has not reached is of another table: of the one in whose place a restored one was put.
    async fn follow_versions(&self, changes: &[ChangeEvent], current: &Current) -> Result<(), Error> {
        let mut kept = HashMap::new();
        let mut gone = HashSet::new();
        for change in changes {
            let resource_key = change.key();
            if matches!(change.change_type, ChangeType::Removed { .. }) {
                gone.insert(resource_key);
            } else if let Some(now) = current.get(&resource_key)
                && let Some(entry) = change.entry()
                && entry.resource.version <= now.version
            {
                let tenant = resource_key.0.tenant.clone();
                kept.insert((resource_key, entry.resource.version), (tenant, entry));
            }
        }
        self.history.put(&kept.into_values().collect::<Vec<_>>()).await?;
        try_join_all(gone.iter().map(|(collection, id)| self.history.remove(collection, *id))).await?;
        Ok(())
    }
}
