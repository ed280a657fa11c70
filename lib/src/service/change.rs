//! The rules for changing resources: one at a time, and with an idempotency key.

use std::collections::HashMap;

use crate::Error;
use crate::cache::Cache;
use crate::domain::{
    Answer, Caller, Change, Effect, ExpectedVersion, Once, Operation, Resource, ResourceId, Retention,
    Timestamp,
};
use crate::repository::{AnswerRepository, Kept, ResourceRepository};

use super::contention::again_while_contended;

/// What can be done to resources.
#[derive(Debug, Clone)]
pub struct ChangeService {
    pub(super) resources: ResourceRepository,
    pub(super) answers: AnswerRepository,
    pub(super) cache: Cache,
    pub(super) retention: Retention,
}

/// The answer to a request that is made once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// By doing what it asks for.
    Now(Answer),
    /// By what was answered when it was done.
    Before(Answer),
}

impl ChangeService {
    /// Resources and answers in their repositories, behind a cache; what is deleted is kept for so long.
    pub fn over(
        resources: ResourceRepository,
        answers: AnswerRepository,
        cache: Cache,
        retention: Retention,
    ) -> Self {
        Self { resources, answers, cache, retention }
    }

    /// Does what a caller wants done. Gives the resource as it is afterwards; `None` for one that is deleted.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Validation`] for what a patch makes of the resource, [`Error::NotFound`],
    /// [`Error::PreconditionFailed`], [`Error::Conflict`], [`Error::TooLarge`], and [`Error::Contended`] when other
    /// changes came first again and again.
    pub async fn execute(
        &self,
        caller: &Caller,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Option<Resource>, Error> {
        permit(caller, operation)?;
        let effect = match operation {
            Operation::Create(values) => {
                let resource = Resource::new(values.clone(), caller, now);
                again_while_contended(|| self.resources.store(&caller.tenant, &resource)).await?;
                Effect::Stored(resource)
            }
            Operation::Change { id, expected, change } => {
                again_while_contended(|| self.change(caller, *id, expected, change, now)).await?
            }
        };
        self.cache.keep(&caller.tenant, std::slice::from_ref(&effect)).await;
        Ok(effect.resource().cloned())
    }

    async fn change(
        &self,
        caller: &Caller,
        id: ResourceId,
        expected: &ExpectedVersion,
        change: &Change,
        now: Timestamp,
    ) -> Result<Effect, Error> {
        match change {
            Change::Replace(values) => {
                self.resources.replace(caller, id, values.clone(), expected, now).await.map(Effect::Stored)
            }
            Change::Delete => {
                let purge_at = self.retention.end(now);
                self.resources.delete(caller, id, expected, now, purge_at).await.map(Effect::Stored)
            }
            Change::Purge => {
                let version = self.resources.purge(&caller.tenant, id, expected, now).await?;
                Ok(Effect::Removed(id, version))
            }
            // What becomes of it depends on what it is.
            Change::Update(_) | Change::Restore => {
                let current = self.resources.find(&caller.tenant, id).await?;
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
    pub async fn execute_once(
        &self,
        caller: &Caller,
        operation: &Operation,
        now: Timestamp,
        once: &Once,
        answer: impl Fn(Option<&Resource>) -> Result<Answer, Error>,
    ) -> Result<Answered, Error> {
        permit(caller, operation)?;
        let new = match operation {
            Operation::Create(values) => Some(Resource::new(values.clone(), caller, now)),
            Operation::Change { .. } => None,
        };
        let done = again_while_contended(|| async {
            let effect = match operation {
                Operation::Create(_) => Effect::Stored(new.clone().ok_or(Error::NotFound)?),
                Operation::Change { id, expected, change } => {
                    let current = self.resources.find(&caller.tenant, *id).await?;
                    change.apply(&current, expected, caller, now, self.retention)?
                }
            };
            let answer = answer(effect.resource())?;
            self.store_with_answer(caller, &[effect], answer, Some(once), now).await
        });
        let ids: Vec<_> = operation.id().into_iter().collect();
        self.unless_answered(done.await, caller, &ids, once, now).await
    }

    /// Stores changes, and their answer where the request is made once.
    pub(super) async fn store_with_answer(
        &self,
        caller: &Caller,
        effects: &[Effect],
        answer: Answer,
        once: Option<&Once>,
        now: Timestamp,
    ) -> Result<Answered, Error> {
        let kept = once.map(|once| Kept { answers: &self.answers, once, answer: &answer, now });
        let before = self.resources.transact(&caller.tenant, effects, kept).await?;
        if before.is_none() {
            self.cache.keep(&caller.tenant, effects).await;
        }
        Ok(before.map_or(Answered::Now(answer), Answered::Before))
    }

    /// What cannot be done may have been done before, by this very request: then that is its answer. Whoever did it may
    /// have ended before the cache knew, so it is told now.
    pub(super) async fn unless_answered(
        &self,
        done: Result<Answered, Error>,
        caller: &Caller,
        ids: &[ResourceId],
        once: &Once,
        now: Timestamp,
    ) -> Result<Answered, Error> {
        let answered = match done {
            Err(error) if depends_on_the_store(&error) => {
                let before = self.answers.find(once, now).await?;
                before.map(Answered::Before).ok_or(error)?
            }
            done => done?,
        };
        if matches!(answered, Answered::Before(_)) && self.cache.is_on() {
            let mut current = self.current(caller, ids).await?;
            let effect = |id: &ResourceId| current.remove(id).map_or(Effect::Removed(*id, 0), Effect::Stored);
            let effects: Vec<_> = ids.iter().map(effect).collect();
            self.cache.keep(&caller.tenant, &effects).await;
        }
        Ok(answered)
    }
}

impl ChangeService {
    /// The resources that there are of some ids. One is read with the call that functions for one resource may make.
    async fn current(
        &self,
        caller: &Caller,
        ids: &[ResourceId],
    ) -> Result<HashMap<ResourceId, Resource>, Error> {
        let &[id] = ids else { return self.resources.find_all(&caller.tenant, ids.iter().copied()).await };
        match self.resources.find(&caller.tenant, id).await {
            Ok(resource) => Ok([(id, resource)].into()),
            Err(Error::NotFound) => Ok(HashMap::new()),
            Err(error) => Err(error),
        }
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
            // What a patch makes of a resource.
            | Error::Validation(_)
            | Error::Batch { .. }
    )
}
