//! The rules for a batch of changes: all of them or none.

use std::collections::HashMap;

use super::retry_on_conflict::retry_on_conflict;
use super::write::{Execution, WriteService, permit};
use crate::Error;
use crate::domain::{
    BatchOperation, Caller, Effect, Fault, Faults, Kind, Operation, Pointer, Refusal, Resource, ResourceId,
    Timestamp, check_new,
};
use crate::error::transition_message;
use crate::idempotency::{IdempotentRequest, StoredResponse};

impl WriteService {
    /// Does everything that a batch asks for, in one transaction, or nothing. `response` makes the answer of the resources
    /// as they are afterwards, in the order of the operations; `None` for a deleted one.
    ///
    /// # Errors
    /// [`Error::Batch`] with all that is wrong with any operation; [`Error::KeyReused`], [`Error::TooLarge`], and
    /// [`Error::WriteConflict`] when other changes came first again and again.
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
        let done = retry_on_conflict(|| async {
            let effects = self.effects(caller, kind, requested, &new, now).await?;
            let resources: Vec<_> = effects.iter().map(Effect::resource).collect();
            let response = response(&resources)?;
            self.store_with_response(&caller.collection(kind), &effects, response, idempotent, now).await
        });
        // What a caller may not do, nobody tells it of, whoever did it before.
        let permitted = requested.iter().flatten().all(|operation| permit(caller, operation).is_ok());
        match idempotent {
            Some(idempotent) if permitted => {
                let ids = requested.iter().flatten().filter_map(Operation::id);
                let ids: Vec<_> = ids.collect();
                self.or_replay(done.await, &caller.collection(kind), &ids, idempotent, now).await
            }
            _ => done.await,
        }
    }

    /// What becomes of each resource. They are read at once; what another change makes of one in between, the
    /// transaction's conditions find.
    async fn effects(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        requested: &[BatchOperation],
        new: &[Option<Resource>],
        now: Timestamp,
    ) -> Result<Vec<Effect>, Error> {
        let permitted = requested.iter().map(|requested| match requested {
            Ok(operation) => permit(caller, operation).map(|()| operation),
            Err(faults) => Err(Error::Validation(faults.clone())),
        });
        let permitted: Vec<_> = permitted.collect();
        let ids: Vec<ResourceId> =
            permitted.iter().flatten().filter_map(|operation| operation.id()).collect();
        let current = self.all(&caller.collection(kind), &ids).await?;
        let (mut effects, mut first, mut details) = (Vec::new(), None, Faults::default());
        for (index, (operation, new)) in permitted.into_iter().zip(new).enumerate() {
            match operation.and_then(|operation| self.effect(caller, operation, new.as_ref(), &current, now))
            {
                Ok(effect) => effects.push(effect),
                // What is no fault of the operation's is one of the whole.
                Err(error @ (Error::Internal(_) | Error::Unavailable(_))) => return Err(error),
                Err(error) => {
                    details.extend(faults(&error).below(&Pointer::Root.member("operations").item(index)));
                    first.get_or_insert(error);
                }
            }
        }
        match first {
            None => Ok(effects),
            Some(first) => Err(Error::Batch { first: Box::new(first), details }),
        }
    }

    /// What becomes of one resource, the `new` one or one of the `current`.
    fn effect(
        &self,
        caller: &Caller,
        operation: &Operation,
        new: Option<&Resource>,
        current: &HashMap<ResourceId, Resource>,
        now: Timestamp,
    ) -> Result<Effect, Error> {
        let effect = match operation {
            Operation::Create(values) => {
                let new = new.cloned().ok_or(Error::NotFound)?;
                check_new(values, caller).map(|()| Effect::Stored(new))
            }
            Operation::Change { id, expected, change } => {
                let current = current.get(id).ok_or(Error::NotFound)?;
                change.apply(current, expected, caller, now, self.retention)
            }
        };
        effect.map_err(|refusal| match refusal {
            Refusal::Invalid(faults) => Error::Validation(faults.below(&Pointer::Root.member("body"))),
            refusal => refusal.into(),
        })
    }
}

/// What is wrong with one operation, with pointers into it.
fn faults(error: &Error) -> Faults {
    let fault = match error {
        Error::Validation(faults) => return faults.clone(),
        Error::InvalidTransition { from, to, allowed } => {
            Fault::body("/body/status", "invalid_transition", transition_message(*from, *to, allowed))
        }
        Error::Forbidden => Fault::body("/op", "forbidden", "Your role does not permit this"),
        Error::PreconditionFailed { current } => {
            let message = format!("The resource is at version {current}");
            Fault::body("/if_match", "precondition_failed", message)
        }
        _ => Fault::body("/id", "not_found", "There is no such resource"),
    };
    fault.into()
}
