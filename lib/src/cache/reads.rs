//! Reads by id through the cache.

use std::collections::{HashMap, HashSet};

use super::entry::CacheEntry;
use super::server::CacheLookup;
use super::{Cache, Freshness};
use crate::Error;
use crate::domain::{Caller, Fields, Kind, Permission, Resource, ResourceId, ResourceKey, Scope, View};
use crate::repository::ResourceRepository;
use crate::telemetry::usage::{self, CacheUse};

/// Resources by id, from the cache or else DynamoDB.
#[derive(Debug, Clone)]
pub struct CachedResources {
    store: ResourceRepository,
    cache: Cache,
}

impl CachedResources {
    /// A repository behind a cache.
    pub fn new(store: ResourceRepository, cache: Cache) -> Self {
        Self { store, cache }
    }

    /// Some fields of a resource, unless it is deleted.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the scope has no such resource.
    pub async fn view(
        &self,
        scope: &Scope,
        id: ResourceId,
        fields: Fields,
        freshness: Freshness,
    ) -> Result<View, Error> {
        if !self.cache.is_on() {
            usage::note_cache(CacheUse::Off);
            return self.store.view(scope, id, fields).await;
        }
        let key = (scope.collection.clone(), id);
        let usable = |_: &ResourceKey, entry: &CacheEntry| is_usable(scope.owner.as_deref(), entry);
        let found = self.look_up(std::slice::from_ref(&key), freshness, usable).await;
        let cached = found.as_ref().and_then(|found| found.known.get(&key)).cloned();
        let known = match cached {
            Some(known) => known,
            None => self.read_through(key, found.as_ref()).await?,
        };
        match known {
            CacheEntry::Present(resource) if scope.covers(&resource.created_by) => {
                Ok(View::new(*resource, fields))
            }
            CacheEntry::Present(_) | CacheEntry::Absent(_) => Err(Error::NotFound),
        }
    }

    async fn read_through(&self, key: ResourceKey, found: Option<&CacheLookup>) -> Result<CacheEntry, Error> {
        // The entry serves every caller, so it is read without restriction to an owner.
        let known = match self.store.find(&Scope::all(key.0.clone()), key.1).await {
            Ok(resource) => known(resource),
            Err(Error::NotFound) => CacheEntry::Absent(0),
            Err(error) => return Err(error),
        };
        self.fill(found, &[(key, known.clone())]).await;
        Ok(known)
    }

    /// Fields of resources in any collections of a caller, without deleted resources and those that the
    /// caller may not see. All that are not cached are read together.
    ///
    /// # Errors
    /// As [`ResourceRepository::views_of`].
    pub async fn views(
        &self,
        caller: &Caller,
        keys: impl IntoIterator<Item = ResourceKey>,
        fields: impl Fn(&'static Kind) -> Fields,
        freshness: Freshness,
    ) -> Result<HashMap<ResourceKey, View>, Error> {
        let keys = keys.into_iter().filter(|(collection, _)| caller.may(Permission::Read, collection.kind));
        let keys: HashSet<ResourceKey> = keys.collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        if !self.cache.is_on() {
            usage::note_cache(CacheUse::Off);
            return self.store.views_of(caller, keys, fields).await;
        }
        let keys: Vec<_> = keys.into_iter().collect();
        let usable = |key: &ResourceKey, entry: &CacheEntry| is_usable(caller.owner(key.0.kind), entry);
        let found = self.look_up(&keys, freshness, usable).await;
        let mut all = found.as_ref().map(|found| found.known.clone()).unwrap_or_default();
        let missed: Vec<_> = keys.into_iter().filter(|key| !all.contains_key(key)).collect();
        if !missed.is_empty() {
            let mut stored = self.store.find_all(missed.iter().cloned()).await?;
            let read = missed.into_iter().map(|key| {
                let entry = stored.remove(&key).map_or(CacheEntry::Absent(0), known);
                (key, entry)
            });
            let read: Vec<_> = read.collect();
            self.fill(found.as_ref(), &read).await;
            all.extend(read);
        }
        let view = |(key, known): (ResourceKey, CacheEntry)| match known {
            CacheEntry::Present(resource) if caller.sees(&resource) => {
                let fields = fields(key.0.kind);
                Some((key, View::new(*resource, fields)))
            }
            CacheEntry::Present(_) | CacheEntry::Absent(_) => None,
        };
        Ok(all.into_iter().filter_map(view).collect())
    }

    /// The usable entries of the cache; `None` if the look-up failed or was skipped.
    async fn look_up(
        &self,
        keys: &[ResourceKey],
        freshness: Freshness,
        usable: impl Fn(&ResourceKey, &CacheEntry) -> bool,
    ) -> Option<CacheLookup> {
        let mut found = self.cache.find(keys).await;
        if let Some(found) = &mut found {
            found.known.retain(|key, entry| usable(key, entry));
        }
        usage::note_cache(match &mut found {
            None => CacheUse::Bypass,
            // The epoch is needed in any case, to store what is read.
            Some(found) if freshness == Freshness::Stored => {
                found.known.clear();
                CacheUse::Bypass
            }
            Some(found) if keys.iter().all(|key| found.known.contains_key(key)) => CacheUse::Hit,
            Some(_) => CacheUse::Miss,
        });
        found
    }

    /// Stores in the cache what was read, unless the look-up failed.
    async fn fill(&self, found: Option<&CacheLookup>, known: &[(ResourceKey, CacheEntry)]) {
        if let Some(found) = found {
            self.cache.fill(&found.epoch, known).await;
        }
    }
}

/// Whether a cache entry may serve a caller who sees only what `owner` created; `None` for a caller who sees everything.
///
/// For a caller with an owner, only its own resources come from the cache. Everything else is read from
/// DynamoDB, whether it exists or not, so that neither `x-cache` nor the time of a response reveals that
/// another owner's resource exists.
fn is_usable(owner: Option<&str>, entry: &CacheEntry) -> bool {
    match (owner, entry) {
        (None, _) => true,
        (Some(owner), CacheEntry::Present(resource)) => resource.created_by == owner,
        (Some(_), CacheEntry::Absent(_)) => false,
    }
}

fn known(resource: Resource) -> CacheEntry {
    if resource.is_deleted() {
        CacheEntry::Absent(resource.version)
    } else {
        CacheEntry::Present(Box::new(resource))
    }
}
