//! Batches of changes: all are applied, or none.

use std::collections::HashMap;

use super::commit::Failure;
use super::retry_on_conflict::retry_on_conflict;
use super::scope;
use super::write::{Execution, WriteService, permit};
use crate::Error;
use crate::domain::{
    BatchOperation, Caller, Decision, Effect, Fault, Faults, Kind, Operation, Pointer, Refusal, Resource,
    ResourceId, Scope, Timestamp, check_new,
};
use crate::error::{forbidden_message, transition_message};
use crate::idempotency::{IdempotentRequest, StoredResponse};

impl WriteService {
    /// Applies all operations of a batch in one transaction, or none. `response` builds the response from the
    /// resources afterwards, in the order of the operations; `None` for a deleted one.
    ///
    /// # Errors
    /// [`Error::Batch`] with the faults of all operations; [`Error::KeyReused`], [`Error::TooLarge`], and
    /// [`Error::WriteConflict`] if other changes came first in every attempt.
    pub async fn batch(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        requested: &[BatchOperation],
        now: Timestamp,
        idempotent: Option<&IdempotentRequest>,
        response: impl Fn(&[Option<&Resource>]) -> Result<StoredResponse, Error>,
    ) -> Result<Execution, Error> {
        let new = |operation: &BatchOperation| match operation {
            Ok(Operation::Create(values)) => Some(Resource::new(values.clone(), caller, now)),
            _ => None,
        };
        let new: Vec<_> = requested.iter().map(new).collect();
        let scope = &scope(caller, kind)?;
        let done = retry_on_conflict(|| async {
            let decisions = self.decisions(caller, scope, requested, &new, now).await?;
            let resources: Vec<_> = decisions.iter().map(|decision| decision.effect.resource()).collect();
            let response = response(&resources)?;
            let done = self.commit_with_response(caller, scope, &decisions, response, idempotent, now).await;
            done.map_err(of_batch)
        });
        // A caller without the permission gets no stored response.
        let permitted = requested.iter().flatten().all(|operation| permit(caller, kind, operation).is_ok());
        match idempotent {
            Some(idempotent) if permitted => {
                let ids = requested.iter().flatten().filter_map(Operation::id);
                let ids: Vec<_> = ids.collect();
                let current = Box::pin(self.all(&scope.collection, &ids));
                self.or_replay(done.await, scope, &ids, current, idempotent, now).await
            }
            _ => done.await,
        }
    }

    /// The decided changes. All resources are read in one call; the transaction's conditions detect changes
    /// since then.
    async fn decisions(
        &self,
        caller: &Caller,
        scope: &Scope,
        requested: &[BatchOperation],
        new: &[Option<Resource>],
        now: Timestamp,
    ) -> Result<Vec<Decision>, Error> {
        let permitted = requested.iter().map(|requested| match requested {
            Ok(operation) => permit(caller, scope.kind(), operation).map(|()| operation),
            Err(faults) => Err(Error::Validation(faults.clone())),
        });
        let permitted: Vec<_> = permitted.collect();
        let ids: Vec<ResourceId> =
            permitted.iter().flatten().filter_map(|operation| operation.id()).collect();
        let mut current = self.all(&scope.collection, &ids).await?;
        current.retain(|_, resource| scope.covers(&resource.created_by));
        let (mut decisions, mut first, mut details) = (Vec::new(), None, Faults::default());
        for (index, (operation, new)) in permitted.into_iter().zip(new).enumerate() {
            let decided =
                operation.and_then(|operation| self.decision(caller, operation, new.as_ref(), &current, now));
            match decided {
                Ok(decision) => decisions.push(decision),
                // An error that is not a fault of one operation fails the whole batch.
                Err(error @ (Error::Internal(_) | Error::Unavailable(_))) => return Err(error),
                Err(error) => {
                    details.extend(faults_of_operation(&error, index));
                    first.get_or_insert(error);
                }
            }
        }
        match first {
            None => Ok(decisions),
            Some(first) => Err(Error::Batch { first: Box::new(first), details }),
        }
    }

    /// The decided change of one resource: `new`, or one of `current`.
    fn decision(
        &self,
        caller: &Caller,
        operation: &Operation,
        new: Option<&Resource>,
        current: &HashMap<ResourceId, Resource>,
        now: Timestamp,
    ) -> Result<Decision, Error> {
        let decision = match operation {
            Operation::Create(values) => {
                let new = new.cloned().ok_or(Error::NotFound)?;
                check_new(values, caller).map(|()| Decision::of(None, Effect::Stored(new)))
            }
            Operation::Change { id, expected, change } => {
                let current = current.get(id).ok_or(Error::NotFound)?;
                let effect = change.apply(current, expected, caller, now, self.retention);
                effect.map(|effect| Decision::of(Some(current), effect))
            }
        };
        decision.map_err(|refusal| match refusal {
            Refusal::Invalid(faults) => Error::Validation(faults.below(&Pointer::Root.member("body"))),
            refusal => refusal.into(),
        })
    }
}

/// The error of a batch that was refused.
fn of_batch(failure: Failure) -> Error {
    let refusals = match failure {
        Failure::Refused(refusals) => refusals,
        Failure::Other(error) => return error,
    };
    let (mut first, mut details) = (None, Faults::default());
    for (index, refusal) in refusals {
        let error = refusal.into();
        details.extend(faults_of_operation(&error, index));
        first.get_or_insert(error);
    }
    match first {
        Some(first) => Error::Batch { first: Box::new(first), details },
        None => Error::defect("a batch was refused for nothing"),
    }
}

/// The faults of the operation at an index, with pointers into the batch.
fn faults_of_operation(error: &Error, index: usize) -> Faults {
    faults(error).below(&Pointer::Root.member("operations").item(index))
}

/// The faults of one operation, with pointers into it.
fn faults(error: &Error) -> Faults {
    let fault = match error {
        Error::Validation(faults) => return faults.clone(),
        Error::AlreadyExists(faults) | Error::ReferenceNotFound(faults) => {
            return faults.clone().below(&Pointer::Root.member("body"));
        }
        Error::InvalidTransition { from, to, allowed } => {
            Fault::body("/body/status", "invalid_transition", transition_message(*from, *to, allowed))
        }
        Error::Forbidden { role, permission, kind } => {
            Fault::body("/op", "forbidden", forbidden_message(*role, *permission, kind))
        }
        Error::PreconditionFailed { current } => {
            let message = format!("The resource is at version {current}");
            Fault::body("/if_match", "precondition_failed", message)
        }
        _ => Fault::body("/id", "not_found", "There is no such resource"),
    };
    fault.into()
}
