//! Changes one resource, with or without an idempotency key.

use std::collections::HashMap;

use super::commit::Failure;
use super::retry_on_conflict::retry_on_conflict;
use super::scope;
use crate::Error;
use crate::cache::Cache;
use crate::domain::{
    Caller, Change, Collection, Decision, Effect, ExpectedVersion, Kind, Kinds, Operation, Resource,
    ResourceId, ResourceKey, Retention, Scope, Timestamp, check_new,
};
use crate::idempotency::{IdempotentRequest, StoredResponse};
use crate::repository::{IdempotencyRepository, ResourceRepository, UniqueValueRepository};

/// Changes resources.
#[derive(Debug, Clone)]
pub struct WriteService {
    pub(super) resources: ResourceRepository,
    pub(super) unique_values: UniqueValueRepository,
    pub(super) idempotency: IdempotencyRepository,
    pub(super) cache: Cache,
    pub(super) retention: Retention,
    pub(super) kinds: Kinds,
}

/// How an idempotent request was processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Execution {
    /// It was executed, and this response has been stored.
    Performed(StoredResponse),
    /// It had been executed before, with this response.
    Replayed(StoredResponse),
}

impl WriteService {
    /// Changes resources of some kinds in these repositories and in the cache. Deleted resources are kept for
    /// `retention`.
    pub fn over(
        resources: ResourceRepository,
        unique_values: UniqueValueRepository,
        idempotency: IdempotencyRepository,
        cache: Cache,
        retention: Retention,
        kinds: Kinds,
    ) -> Self {
        Self { resources, unique_values, idempotency, cache, retention, kinds }
    }

    /// Applies an operation of a caller. Returns the resource afterwards; `None` if it is deleted.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Validation`] if a patch makes the resource invalid,
    /// [`Error::NotFound`], [`Error::PreconditionFailed`], [`Error::Conflict`], [`Error::AlreadyExists`],
    /// [`Error::ReferenceNotFound`], [`Error::TooLarge`], and [`Error::WriteConflict`] if other changes came
    /// first in every attempt.
    pub async fn execute(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Option<Resource>, Error> {
        permit(caller, kind, operation)?;
        let scope = &scope(caller, kind)?;
        let effect = match operation {
            Operation::Create(values) => {
                check_new(values, caller)?;
                let new = Resource::new(values.clone(), caller, now);
                let decision = Decision::of(None, Effect::Stored(new));
                retry_on_conflict(|| self.commit(caller, scope, &decision)).await?;
                decision.effect
            }
            Operation::Change { id, expected, change } => {
                retry_on_conflict(|| self.change(caller, scope, *id, expected, change, now)).await?
            }
        };
        self.cache.write(&scope.collection, [&effect]).await;
        Ok(effect.resource().cloned())
    }

    async fn change(
        &self,
        caller: &Caller,
        scope: &Scope,
        id: ResourceId,
        expected: &ExpectedVersion,
        change: &Change,
        now: Timestamp,
    ) -> Result<Effect, Error> {
        let kind = scope.kind();
        match change {
            Change::Replace(replacement) if !kind.reads_before_replacing() => {
                let values = replacement.values.clone();
                self.resources.replace(caller, scope, id, values, expected, now).await.map(Effect::Stored)
            }
            Change::Delete if !kind.reads_before_deleting() => {
                let purge_at = self.retention.end(now);
                self.resources.delete(caller, scope, id, expected, now, purge_at).await.map(Effect::Stored)
            }
            Change::Purge if !kind.reads_before_deleting() => {
                let version = self.resources.purge(scope, id, expected, now).await?;
                Ok(Effect::Purged(id, version))
            }
            // The effect depends on the stored resource.
            _ => {
                let current = self.resources.find(scope, id).await?;
                let effect = change.apply(&current, expected, caller, now, self.retention)?;
                let decision = Decision::of(Some(&current), effect);
                self.commit(caller, scope, &decision).await?;
                Ok(decision.effect)
            }
        }
    }

    /// The same, but once for all requests with the same key: the response is stored with the change, and
    /// repeated requests get the stored response.
    ///
    /// # Errors
    /// As [`Self::execute`], and [`Error::KeyReused`]; [`Error::TooLarge`] also if the response would exceed
    /// 400 KB.
    pub async fn execute_idempotent(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        operation: &Operation,
        now: Timestamp,
        idempotent: &IdempotentRequest,
        response: impl Fn(Option<&Resource>) -> Result<StoredResponse, Error>,
    ) -> Result<Execution, Error> {
        permit(caller, kind, operation)?;
        let scope = &scope(caller, kind)?;
        let new = match operation {
            Operation::Create(values) => {
                check_new(values, caller)?;
                Some(Resource::new(values.clone(), caller, now))
            }
            Operation::Change { .. } => None,
        };
        let done = retry_on_conflict(|| async {
            let decision = match operation {
                Operation::Create(_) => {
                    Decision::of(None, Effect::Stored(new.clone().ok_or(Error::NotFound)?))
                }
                Operation::Change { id, expected, change } => {
                    let current = self.resources.find(scope, *id).await?;
                    let effect = change.apply(&current, expected, caller, now, self.retention)?;
                    Decision::of(Some(&current), effect)
                }
            };
            let response = response(decision.effect.resource())?;
            let done =
                self.commit_with_response(caller, scope, &[decision], response, Some(idempotent), now).await;
            done.map_err(Failure::of_one)
        });
        let ids: Vec<_> = operation.id().into_iter().collect();
        let current = Box::pin(self.current(&scope.collection, operation.id()));
        self.or_replay(done.await, scope, &ids, current, idempotent, now).await
    }

    /// If the request is refused, it may have been executed before; then its stored response is returned.
    /// That execution may have ended before it updated the cache, so the cache is updated with the `current`
    /// resources of `ids`.
    pub(super) async fn or_replay(
        &self,
        done: Result<Execution, Error>,
        scope: &Scope,
        ids: &[ResourceId],
        current: impl Future<Output = Result<HashMap<ResourceId, Resource>, Error>>,
        idempotent: &IdempotentRequest,
        now: Timestamp,
    ) -> Result<Execution, Error> {
        let execution = match done {
            Err(error) if depends_on_the_store(&error) => {
                let before = self.idempotency.find(idempotent, scope, now).await?;
                before.map(Execution::Replayed).ok_or(error)?
            }
            done => done?,
        };
        if matches!(execution, Execution::Replayed(_)) && self.cache.is_on() {
            let mut current = current.await?;
            let effect = |id: &ResourceId| current.remove(id).map_or(Effect::Purged(*id, 0), Effect::Stored);
            let effects: Vec<_> = ids.iter().map(effect).collect();
            self.cache.write(&scope.collection, &effects).await;
        }
        Ok(execution)
    }
}

impl WriteService {
    /// The stored resource with an id, whoever created it. Uses `GetItem`, the call that functions for one
    /// resource may make.
    async fn current(
        &self,
        collection: &Collection,
        id: Option<ResourceId>,
    ) -> Result<HashMap<ResourceId, Resource>, Error> {
        let Some(id) = id else { return Ok(HashMap::new()) };
        match self.resources.find(&Scope::all(collection.clone()), id).await {
            Ok(resource) => Ok([(id, resource)].into()),
            Err(Error::NotFound) => Ok(HashMap::new()),
            Err(error) => Err(error),
        }
    }

    /// The stored resources with some ids, whoever created them. Uses `BatchGetItem`.
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
pub(super) fn permit(caller: &Caller, kind: &Kind, operation: &Operation) -> Result<(), Error> {
    Error::unless_permitted(caller, operation.permission(), kind)
}

/// Whether the same request may have succeeded at another time.
fn depends_on_the_store(error: &Error) -> bool {
    matches!(
        error,
        Error::NotFound
            | Error::PreconditionFailed { .. }
            | Error::Conflict(_)
            | Error::TooLarge(_)
            | Error::InvalidTransition { .. }
            | Error::AlreadyExists(_)
            | Error::ReferenceNotFound(_)
            // A patch that made the resource invalid.
            | Error::Validation(_)
            | Error::Batch { .. }
    )
}
