//! The rules for changing one resource, with an idempotency key or without.

use std::collections::HashMap;

use super::retry_on_conflict::retry_on_conflict;
use crate::Error;
use crate::cache::Cache;
use crate::domain::{
    Caller, Change, Collection, Effect, ExpectedVersion, Kind, Operation, Resource, ResourceId, ResourceKey,
    Retention, Timestamp, check_new,
};
use crate::idempotency::{IdempotentRequest, StoredResponse};
use crate::repository::{IdempotencyRecord, IdempotencyRepository, ResourceRepository};

/// What can be done to resources.
#[derive(Debug, Clone)]
pub struct WriteService {
    pub(super) resources: ResourceRepository,
    pub(super) idempotency: IdempotencyRepository,
    pub(super) cache: Cache,
    pub(super) retention: Retention,
}

/// How an idempotent request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Execution {
    /// By performing it: with the response that is stored now.
    Performed(StoredResponse),
    /// By the response that was stored when it was performed.
    Replayed(StoredResponse),
}

impl WriteService {
    /// Resources and answers in their repositories, behind a cache; what is deleted is kept for so long.
    pub fn over(
        resources: ResourceRepository,
        idempotency: IdempotencyRepository,
        cache: Cache,
        retention: Retention,
    ) -> Self {
        Self { resources, idempotency, cache, retention }
    }

    /// Does what a caller wants done. Gives the resource as it is afterwards; `None` for one that is deleted.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Validation`] for what a patch makes of the resource, [`Error::NotFound`],
    /// [`Error::PreconditionFailed`], [`Error::Conflict`], [`Error::TooLarge`], and [`Error::WriteConflict`] when other
    /// changes came first again and again.
    pub async fn execute(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Option<Resource>, Error> {
        permit(caller, operation)?;
        let effect = match operation {
            Operation::Create(values) => {
                check_new(values, caller)?;
                let resource = Resource::new(values.clone(), caller, now);
                retry_on_conflict(|| self.resources.store(&caller.tenant, &resource)).await?;
                Effect::Stored(resource)
            }
            Operation::Change { id, expected, change } => {
                retry_on_conflict(|| self.change(caller, kind, *id, expected, change, now)).await?
            }
        };
        self.cache.write(&caller.collection(kind), std::slice::from_ref(&effect)).await;
        Ok(effect.resource().cloned())
    }

    async fn change(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        id: ResourceId,
        expected: &ExpectedVersion,
        change: &Change,
        now: Timestamp,
    ) -> Result<Effect, Error> {
        let collection = &caller.collection(kind);
        match change {
            Change::Replace(replacement) if !kind.reads_before_replacing() => {
                let values = replacement.values.clone();
                self.resources.replace(caller, id, values, expected, now).await.map(Effect::Stored)
            }
            Change::Delete => {
                let purge_at = self.retention.end(now);
                self.resources.delete(caller, kind, id, expected, now, purge_at).await.map(Effect::Stored)
            }
            Change::Purge => {
                let version = self.resources.purge(collection, id, expected, now).await?;
                Ok(Effect::Purged(id, version))
            }
            // What becomes of it depends on what it is.
            Change::Replace(_) | Change::Update(_) | Change::Restore => {
                let current = self.resources.find(collection, id).await?;
                let effect = change.apply(&current, expected, caller, now, self.retention)?;
                if let Effect::Stored(resource) = &effect {
                    self.resources.store(&caller.tenant, resource).await?;
                }
                Ok(effect)
            }
        }
    }

    /// The same, but once for all requests with this key: the change and its answer are stored together, and a request
    /// that was answered gets that answer again.
    ///
    /// # Errors
    /// As [`Self::execute`], and [`Error::KeyReused`]; [`Error::TooLarge`] also when the answer would pass 400 KB.
    pub async fn execute_idempotent(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        operation: &Operation,
        now: Timestamp,
        idempotent: &IdempotentRequest,
        response: impl Fn(Option<&Resource>) -> Result<StoredResponse, Error>,
    ) -> Result<Execution, Error> {
        permit(caller, operation)?;
        let collection = &caller.collection(kind);
        let new = match operation {
            Operation::Create(values) => {
                check_new(values, caller)?;
                Some(Resource::new(values.clone(), caller, now))
            }
            Operation::Change { .. } => None,
        };
        let done = retry_on_conflict(|| async {
            let effect = match operation {
                Operation::Create(_) => Effect::Stored(new.clone().ok_or(Error::NotFound)?),
                Operation::Change { id, expected, change } => {
                    let current = self.resources.find(collection, *id).await?;
                    change.apply(&current, expected, caller, now, self.retention)?
                }
            };
            let response = response(effect.resource())?;
            self.store_with_response(collection, &[effect], response, Some(idempotent), now).await
        });
        let ids: Vec<_> = operation.id().into_iter().collect();
        self.or_replay(done.await, collection, &ids, idempotent, now).await
    }

    /// Stores changes, and their answer where the request is made once.
    pub(super) async fn store_with_response(
        &self,
        collection: &Collection,
        effects: &[Effect],
        response: StoredResponse,
        idempotent: Option<&IdempotentRequest>,
        now: Timestamp,
    ) -> Result<Execution, Error> {
        let record = idempotent.map(|idempotent| IdempotencyRecord {
            repository: &self.idempotency,
            request: idempotent,
            response: &response,
            now,
        });
        let before = self.resources.transact(collection, effects, record).await?;
        if before.is_none() {
            self.cache.write(collection, effects).await;
        }
        Ok(before.map_or(Execution::Performed(response), Execution::Replayed))
    }

    /// What cannot be done may have been done before, by this very request: then that is its answer. Whoever did it may
    /// have ended before the cache knew, so it is told now.
    pub(super) async fn or_replay(
        &self,
        done: Result<Execution, Error>,
        collection: &Collection,
        ids: &[ResourceId],
        idempotent: &IdempotentRequest,
        now: Timestamp,
    ) -> Result<Execution, Error> {
        let execution = match done {
            Err(error) if depends_on_the_store(&error) => {
                let before = self.idempotency.find(idempotent, now).await?;
                before.map(Execution::Replayed).ok_or(error)?
            }
            done => done?,
        };
        if matches!(execution, Execution::Replayed(_)) && self.cache.is_on() {
            let mut current = self.current(collection, ids).await?;
            let effect = |id: &ResourceId| current.remove(id).map_or(Effect::Purged(*id, 0), Effect::Stored);
            let effects: Vec<_> = ids.iter().map(effect).collect();
            self.cache.write(collection, &effects).await;
        }
        Ok(execution)
    }
}

impl WriteService {
    /// The resources that there are of some ids. One is read with the call that functions for one resource may make.
    pub(super) async fn current(
        &self,
        collection: &Collection,
        ids: &[ResourceId],
    ) -> Result<HashMap<ResourceId, Resource>, Error> {
        let &[id] = ids else { return self.all(collection, ids).await };
        match self.resources.find(collection, id).await {
            Ok(resource) => Ok([(id, resource)].into()),
            Err(Error::NotFound) => Ok(HashMap::new()),
            Err(error) => Err(error),
        }
    }

    /// The same, with the call for many.
    pub(super) async fn all(
        &self,
        collection: &Collection,
        ids: &[ResourceId],
    ) -> Result<HashMap<ResourceId, Resource>, Error> {
        let keys = ids.iter().map(|id| -> ResourceKey { (collection.clone(), *id) });
        let found = self.resources.find_all(keys).await?;
        Ok(found.into_iter().map(|((_, id), resource)| (id, resource)).collect())
    }
}

/// Whether the caller's role permits an operation.
pub(super) fn permit(caller: &Caller, operation: &Operation) -> Result<(), Error> {
    if caller.role.permits(operation.permission()) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Whether the same request could have been done at another time.
fn depends_on_the_store(error: &Error) -> bool {
    matches!(
        error,
        Error::NotFound
            | Error::PreconditionFailed { .. }
            | Error::Conflict(_)
            | Error::TooLarge(_)
            | Error::InvalidTransition { .. }
            // What a patch makes of a resource.
            | Error::Validation(_)
            | Error::Batch { .. }
    )
}
