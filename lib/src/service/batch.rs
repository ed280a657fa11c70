//! The rules for several changes at once: all of them or none.

use super::change::{Answered, ChangeService, permit};
use super::contention::again_while_contended;
use crate::Error;
use crate::domain::{
    Answer, Caller, Effect, Fault, Once, Operation, Requested, Resource, ResourceId, Timestamp,
};

impl ChangeService {
    /// Does everything that a batch asks for, in one transaction, or nothing. `answer` makes the answer of the resources
    /// as they are afterwards, in the order of the operations; `None` for a deleted one.
    ///
    /// # Errors
    /// [`Error::Batch`] with all that is wrong with any operation; [`Error::KeyReused`], [`Error::TooLarge`], and
    /// [`Error::Contended`] when other changes came first again and again.
    pub async fn batch(
        &self,
        caller: &Caller,
        requested: &[Requested],
        now: Timestamp,
        once: Option<&Once>,
        answer: impl Fn(&[Option<&Resource>]) -> Result<Answer, Error>,
    ) -> Result<Answered, Error> {
        let new = |operation: &Requested| match operation {
            Ok(Operation::Create(values)) => Some(Resource::new(values.clone(), caller, now)),
            _ => None,
        };
        let new: Vec<_> = requested.iter().map(new).collect();
        let done = again_while_contended(|| async {
            let effects = self.effects(caller, requested, &new, now).await?;
            let resources: Vec<_> = effects.iter().map(Effect::resource).collect();
            let answer = answer(&resources)?;
            self.store_with_answer(caller, &effects, answer, once, now).await
        });
        match once {
            Some(once) => self.unless_answered(done.await, once, now).await,
            None => done.await,
        }
    }

    /// What becomes of each resource. They are read at once; what another change makes of one in between, the
    /// transaction's conditions find.
    async fn effects(
        &self,
        caller: &Caller,
        requested: &[Requested],
        new: &[Option<Resource>],
        now: Timestamp,
    ) -> Result<Vec<Effect>, Error> {
        let permitted: Vec<Result<&Operation, Error>> = requested
            .iter()
            .map(|requested| match requested {
                Ok(operation) => permit(caller, operation).map(|()| operation),
                Err(faults) => Err(Error::Validation(faults.clone())),
            })
            .collect();
        let ids: Vec<ResourceId> = permitted
            .iter()
            .filter_map(|operation| match operation {
                Ok(Operation::Change { id, .. }) => Some(*id),
                _ => None,
            })
            .collect();
        let current = self.resources.find_all(&caller.tenant, ids).await?;
        let effects = permitted.into_iter().zip(new).enumerate().map(|(index, (operation, new))| {
            let effect = match (operation, new) {
                (Err(error), _) => Err((error, index)),
                (Ok(Operation::Create(_)), new) => {
                    new.clone().map(Effect::Stored).ok_or((Error::NotFound, index))
                }
                (Ok(Operation::Change { id, expected, change }), _) => current
                    .get(id)
                    .ok_or(Error::NotFound)
                    .and_then(|current| Ok(change.apply(current, expected, caller, now, self.retention)?))
                    .map_err(|error| (below(error, index), index)),
            };
            effect
        });
        let (done, failed): (Vec<_>, Vec<_>) = effects.partition(Result::is_ok);
        let failed: Vec<_> = failed.into_iter().filter_map(Result::err).collect();
        if failed.is_empty() {
            return Ok(done.into_iter().filter_map(Result::ok).collect());
        }
        let details = failed.iter().flat_map(|(error, index)| faults(error, *index)).collect();
        let first = failed.into_iter().next().map_or(Error::NotFound, |(error, _)| error);
        Err(Error::Batch { first: Box::new(first), details })
    }
}

/// The faults of what a patch makes of a resource, as they stand in the batch.
fn below(error: Error, index: usize) -> Error {
    match error {
        Error::Validation(faults) => {
            let body = format!("/operations/{index}/body");
            Error::Validation(faults.into_iter().map(|fault| fault.below(&body)).collect())
        }
        error => error,
    }
}

/// What is wrong with one operation.
fn faults(error: &Error, index: usize) -> Vec<Fault> {
    let at = |member: &str, code, message: &str| {
        vec![Fault::body(format!("/operations/{index}/{member}"), code, message)]
    };
    match error {
        Error::Validation(faults) => faults.clone(),
        Error::Forbidden => at("op", "forbidden", "Your role does not permit this"),
        Error::PreconditionFailed { current } => {
            at("if_match", "precondition_failed", &format!("The resource is at version {current}"))
        }
        _ => at("id", "not_found", "There is no such resource"),
    }
}
