//! Reads by id through the cache.

use std::collections::{HashMap, HashSet};

use super::entry::CacheEntry;
use super::server::CacheLookup;
use super::{Cache, Freshness};
use crate::Error;
use crate::domain::{Fields, Resource, ResourceId, Tenant, View};
use crate::repository::ResourceRepository;
use crate::telemetry::usage::{self, CacheUse};

/// Resources by id, from the cache or else the store.
#[derive(Debug, Clone)]
pub struct CachedResources {
    store: ResourceRepository,
    cache: Cache,
}

impl CachedResources {
    /// A store behind a cache.
    pub fn new(store: ResourceRepository, cache: Cache) -> Self {
        Self { store, cache }
    }

    /// Some fields of a resource, unless it is deleted.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn view(
        &self,
        tenant: &Tenant,
        id: ResourceId,
        fields: Fields,
        freshness: Freshness,
    ) -> Result<View, Error> {
        if !self.cache.is_on() {
            usage::note_cache(CacheUse::Off);
            return self.store.view(tenant, id, fields).await;
        }
        let found = self.look_up(tenant, &[id], freshness).await;
        let cached = found.as_ref().and_then(|found| found.known.get(&id)).cloned();
        let known = match cached {
            Some(known) => known,
            None => self.read_through(tenant, id, found.as_ref()).await?,
        };
        match known {
            CacheEntry::Present(resource) => Ok(View::new(*resource, fields)),
            CacheEntry::Absent(_) => Err(Error::NotFound),
        }
    }

    async fn read_through(
        &self,
        tenant: &Tenant,
        id: ResourceId,
        found: Option<&CacheLookup>,
    ) -> Result<CacheEntry, Error> {
        let known = match self.store.find(tenant, id).await {
            Ok(resource) => known(resource),
            Err(Error::NotFound) => CacheEntry::Absent(0),
            Err(error) => return Err(error),
        };
        self.fill(tenant, found, &[(id, known.clone())]).await;
        Ok(known)
    }

    /// Some fields of some resources, but for deleted ones: what the cache does not know is read at once.
    ///
    /// # Errors
    /// As [`ResourceRepository::views`].
    pub async fn views(
        &self,
        tenant: &Tenant,
        ids: impl IntoIterator<Item = ResourceId>,
        fields: Fields,
        freshness: Freshness,
    ) -> Result<HashMap<ResourceId, View>, Error> {
        let ids: HashSet<ResourceId> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        if !self.cache.is_on() {
            usage::note_cache(CacheUse::Off);
            return self.store.views(tenant, ids, fields).await;
        }
        let ids: Vec<_> = ids.into_iter().collect();
        let found = self.look_up(tenant, &ids, freshness).await;
        let mut all = found.as_ref().map(|found| found.known.clone()).unwrap_or_default();
        let missed: Vec<_> = ids.into_iter().filter(|id| !all.contains_key(id)).collect();
        if !missed.is_empty() {
            let mut stored = self.store.find_all(tenant, missed.iter().copied()).await?;
            let read =
                missed.into_iter().map(|id| (id, stored.remove(&id).map_or(CacheEntry::Absent(0), known)));
            let read: Vec<_> = read.collect();
            self.fill(tenant, found.as_ref(), &read).await;
            all.extend(read);
        }
        let view = |(id, known)| match known {
            CacheEntry::Present(resource) => Some((id, View::new(*resource, fields))),
            CacheEntry::Absent(_) => None,
        };
        Ok(all.into_iter().filter_map(view).collect())
    }

    /// What the cache knows; `None` where it is not asked or does not answer.
    async fn look_up(
        &self,
        tenant: &Tenant,
        ids: &[ResourceId],
        freshness: Freshness,
    ) -> Option<CacheLookup> {
        let mut found = self.cache.find(tenant, ids).await;
        usage::note_cache(match &mut found {
            None => CacheUse::Bypass,
            // The epoch is asked for in any case: what is read is to be taken.
            Some(found) if freshness == Freshness::Stored => {
                found.known.clear();
                CacheUse::Bypass
            }
            Some(found) if ids.iter().all(|id| found.known.contains_key(id)) => CacheUse::Hit,
            Some(_) => CacheUse::Miss,
        });
        found
    }

    /// Takes what was read. Where the cache did not answer before, it is not asked a second time.
    async fn fill(&self, tenant: &Tenant, found: Option<&CacheLookup>, known: &[(ResourceId, CacheEntry)]) {
        if let Some(found) = found {
            self.cache.fill(tenant, &found.epoch, known).await;
        }
    }
}

fn known(resource: Resource) -> CacheEntry {
    if resource.is_deleted() {
        CacheEntry::Absent(resource.version)
    } else {
        CacheEntry::Present(Box::new(resource))
    }
}
