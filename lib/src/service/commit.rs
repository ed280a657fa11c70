//! Stores decided changes, in a plain write or in a transaction.

use std::collections::BTreeMap;

use super::write::{Execution, WriteService};
use crate::Error;
use crate::domain::{Caller, Collection, Decision, Effect, Refusal, Requirements, Scope, Timestamp};
use crate::idempotency::{IdempotentRequest, StoredResponse};
use crate::repository::{IdempotencyRecord, Transaction, TransactionError};

/// The reason why changes are not applied: refusals of some of them, by position, or an error of the whole.
pub(super) enum Failure {
    Refused(BTreeMap<usize, Refusal>),
    Other(Error),
}

impl Failure {
    /// The error of the only change.
    pub(super) fn of_one(self) -> Error {
        match self {
            Self::Refused(refusals) => match refusals.into_values().next() {
                Some(refusal) => refusal.into(),
                None => Error::defect("a change was refused for nothing"),
            },
            Self::Other(error) => error,
        }
    }
}

impl WriteService {
    /// Applies one change: in a plain write if it has no requirements, otherwise in a transaction.
    pub(super) async fn commit(
        &self,
        caller: &Caller,
        scope: &Scope,
        decision: &Decision,
    ) -> Result<(), Error> {
        let decisions = std::slice::from_ref(decision);
        let requirements = self.requirements(caller, scope, decisions);
        let made = self.make(&scope.collection, decision, &requirements).await;
        made.map_err(|error| failure(error, requirements, decisions).of_one())
    }

    /// Applies one change with its requirements.
    pub(super) async fn make(
        &self,
        collection: &Collection,
        decision: &Decision,
        requirements: &Requirements,
    ) -> Result<(), TransactionError> {
        match &decision.effect {
            Effect::Unchanged(_) => Ok(()),
            Effect::Stored(resource) if decision.stands_alone() => {
                Ok(self.resources.store(&collection.tenant, resource).await?)
            }
            Effect::Imported(resource, announcement) if decision.stands_alone() => {
                Ok(self.resources.import(&collection.tenant, resource, *announcement).await?)
            }
            _ => {
                let decisions = std::slice::from_ref(decision);
                self.transact(collection, decisions, requirements, None).await.map(drop)
            }
        }
    }

    /// Applies changes in one transaction, and stores the response if the request is idempotent.
    pub(super) async fn commit_with_response(
        &self,
        caller: &Caller,
        scope: &Scope,
        decisions: &[Decision],
        response: StoredResponse,
        idempotent: Option<&IdempotentRequest>,
        now: Timestamp,
    ) -> Result<Execution, Failure> {
        let record = idempotent.map(|request| IdempotencyRecord {
            repository: &self.idempotency,
            request,
            response: &response,
            now,
            scope,
            created_by: owner(scope, decisions),
        });
        let requirements = self.requirements(caller, scope, decisions);
        let before = self.transact(&scope.collection, decisions, &requirements, record).await;
        let before = before.map_err(|error| failure(error, requirements, decisions))?;
        if before.is_none() {
            self.cache.write(&scope.collection, decisions.iter().map(|decision| &decision.effect)).await;
        }
        Ok(before.map_or(Execution::Performed(response), Execution::Replayed))
    }

    async fn transact(
        &self,
        collection: &Collection,
        decisions: &[Decision],
        requirements: &Requirements,
        record: Option<IdempotencyRecord<'_>>,
    ) -> Result<Option<StoredResponse>, TransactionError> {
        let unique_values = &self.unique_values;
        let transaction = Transaction { collection, decisions, requirements, unique_values, record };
        self.resources.transact(transaction).await
    }

    fn requirements(&self, caller: &Caller, scope: &Scope, decisions: &[Decision]) -> Requirements {
        Requirements::of(scope.kind(), decisions, self.kinds, |kind| caller.scope(kind))
    }
}

/// The reason why changes with these requirements are not applied.
fn failure(error: TransactionError, requirements: Requirements, decisions: &[Decision]) -> Failure {
    match error {
        TransactionError::Other(error) => Failure::Other(error),
        TransactionError::Unmet(places) => Failure::Refused(requirements.refusals(decisions, &places)),
    }
}

/// The subject that created all resources of the changes, if there is one and the kind has `owners_only` roles.
fn owner<'a>(scope: &Scope, decisions: &'a [Decision]) -> Option<&'a str> {
    let (first, others) = decisions.split_first()?;
    let same = others.iter().all(|other| other.created_by == first.created_by);
    (scope.kind().has_owners() && same).then_some(&*first.created_by)
}
