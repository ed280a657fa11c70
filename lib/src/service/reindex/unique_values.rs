//! Repairs unique values of existing resources: claims those of a constraint that is newer than the resource,
//! and deletes those that the resource no longer has.

use std::fmt;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{CONCURRENCY, Reindex};
use crate::Error;
use crate::domain::{Resource, ResourceId, ResourceKey, Scope, UniqueValue};
use crate::repository::StoredUniqueValue;
use crate::retry::{Backoff, CONFLICT_RETRIES};

/// A living resource with a unique value that another resource holds, and keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedValue {
    value: UniqueValue,
    holder: ResourceId,
    other: ResourceKey,
}

impl fmt::Display for SharedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (collection, other) = &self.other;
        let (tenant, kind) = (&collection.tenant, collection.kind.name);
        let fields = self.value.fields.join(" and ");
        write!(
            f,
            "{kind} of the tenant {tenant}: {other} has the same {fields} as {}, which holds it",
            self.holder
        )
    }
}

impl Reindex {
    /// Removes those of some stored unique values that their resources do not have.
    ///
    /// # Errors
    /// If DynamoDB fails, or a resource changes in every attempt.
    pub async fn remove_stale_values(&self, stored: &[StoredUniqueValue]) -> Result<(), Error> {
        let removals: Vec<_> = stored.iter().map(|stored| self.remove_if_stale(stored)).collect();
        stream::iter(removals).buffer_unordered(CONCURRENCY).try_for_each(|_| async { Ok(()) }).await
    }

    /// Writes the unique values of resources. Returns those that another resource holds.
    pub(super) async fn add_values(&self, resources: &[ResourceKey]) -> Result<Vec<SharedValue>, Error> {
        let with_values = resources.iter().filter(|(collection, _)| !collection.kind.unique.is_empty());
        let added: Vec<_> = with_values.map(|key| self.add_values_of(key)).collect();
        stream::iter(added).buffer_unordered(CONCURRENCY).try_concat().await
    }

    /// Returns whether the resource no longer has the value.
    async fn remove_if_stale(&self, stored: &StoredUniqueValue) -> Result<bool, Error> {
        let mut waits = Backoff::of(CONFLICT_RETRIES);
        loop {
            let now = self.now(&stored.resource).await?;
            let values = now.as_ref().map(UniqueValue::all_of).unwrap_or_default();
            if stored.is_one_of(&values) {
                return Ok(false);
            }
            let version = now.map(|now| now.version);
            match self.unique_values.remove_at(&self.resources, stored, version).await {
                // Another resource may hold the value now, so there is nothing left to remove.
                Err(Error::WriteConflict) if !self.unique_values.is_stored(stored).await? => return Ok(true),
                Err(Error::WriteConflict) => {}
                done => return done.map(|()| true),
            }
            tokio::time::sleep(waits.next().ok_or(Error::WriteConflict)?).await;
        }
    }

    async fn add_values_of(&self, key: &ResourceKey) -> Result<Vec<SharedValue>, Error> {
        let mut waits = Backoff::of(CONFLICT_RETRIES);
        loop {
            let Some(now) = self.now(key).await? else { return Ok(Vec::new()) };
            match self.add_values_at(key, &now).await {
                Err(Error::WriteConflict) => {}
                done => return done,
            }
            tokio::time::sleep(waits.next().ok_or(Error::WriteConflict)?).await;
        }
    }

    /// [`Error::WriteConflict`] if the resource, or the holder of one of its values, has changed meanwhile.
    async fn add_values_at(&self, key: &ResourceKey, now: &Resource) -> Result<Vec<SharedValue>, Error> {
        let (collection, id) = key;
        let mut shared = Vec::new();
        for value in UniqueValue::all_of(now) {
            match self.unique_values.holder(collection, &value).await? {
                Some(holder) if holder == *id => {}
                None => self.unique_values.take_at(&self.resources, key, now.version, &value).await?,
                Some(holder) => {
                    let stored = StoredUniqueValue::new((collection.clone(), holder), &value);
                    // During a deployment, an older function may have changed the holder without releasing the value.
                    if self.remove_if_stale(&stored).await? {
                        return Err(Error::WriteConflict);
                    }
                    shared.push(SharedValue { value, holder, other: key.clone() });
                }
            }
        }
        Ok(shared)
    }

    async fn now(&self, (collection, id): &ResourceKey) -> Result<Option<Resource>, Error> {
        match self.resources.find(&Scope::all(collection.clone()), *id).await {
            Ok(resource) => Ok(Some(resource)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
