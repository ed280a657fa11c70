//! Stores a record exactly once, also if responses are lost.

use std::slice;

use super::checks::{Plan, Unmet, size_faults};
use super::{ImportService, Presence};
use crate::Error;
use crate::domain::{Faults, MAX_ACTIONS, Resource, ResourceId};
use crate::repository::TransactionError;
use crate::retry::Backoff;

/// The result of storing a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// It has been stored.
    Stored,
    /// It was stored before.
    AlreadyThere,
    /// It is refused.
    Refused(Unmet),
}

impl ImportService {
    /// Stores a record on condition that no resource has its id, no other resource holds its unique values,
    /// and the targets of its references exist. Those of the same kind in `present` are not checked: they
    /// exist, or a later line creates them.
    ///
    /// A failed write is retried until the deadline. Before each retry, the record is read, because it may
    /// have been stored although the response was lost.
    ///
    /// # Errors
    /// If DynamoDB fails, or other transactions conflict until the deadline.
    pub async fn write(
        &self,
        record: &Resource,
        present: impl Fn(ResourceId) -> bool,
    ) -> Result<Imported, Error> {
        let mut waits = Backoff::until_the_deadline();
        let mut may_be_stored = false;
        loop {
            let plan = self.plan(record, &present);
            let error = match self.attempt(&plan).await {
                Ok(()) => return Ok(Imported::Stored),
                Err(TransactionError::Unmet(places)) => {
                    return Ok(Imported::Refused(self.faults(plan, &places)));
                }
                Err(TransactionError::Other(error @ Error::TooLarge(_))) => {
                    return Ok(refused(size_faults(error)?));
                }
                Err(TransactionError::Other(error)) => error,
            };
            match error {
                Error::WriteConflict => {}
                Error::Unavailable(_) => may_be_stored = true,
                error => return Err(error),
            }
            match self.presence(&[record]).await?.pop() {
                Some(Presence::Same) if may_be_stored => return Ok(Imported::Stored),
                Some(Presence::Same) => return Ok(Imported::AlreadyThere),
                // It has been changed since it was stored.
                Some(Presence::Other(there)) if may_be_stored && is_later(&there, record) => {
                    return Ok(Imported::Stored);
                }
                Some(Presence::Other(_)) => return Ok(refused(Presence::fault())),
                Some(Presence::Absent) | None => {}
            }
            tokio::time::sleep(waits.next().ok_or(error)?).await;
        }
    }

    async fn attempt(&self, plan: &Plan) -> Result<(), TransactionError> {
        let Plan { decision, requirements } = plan;
        let room = MAX_ACTIONS - 1;
        if requirements.all.len() <= room {
            return self.writes.make(&self.collection, decision, requirements).await;
        }
        // The record got so many references in several changes. Those that do not fit into the transaction
        // are checked before it.
        let unmet = self.unmet(slice::from_ref(plan)).await?.pop().unwrap_or_default();
        if !unmet.is_empty() {
            return Err(TransactionError::Unmet(unmet));
        }
        let mut decision = decision.clone();
        decision.references.truncate(room.saturating_sub(decision.taken.len()));
        self.writes.make(&self.collection, &decision, &self.requirements(&decision)).await
    }
}

fn refused(faults: Faults) -> Imported {
    Imported::Refused(Unmet { faults, missing: Vec::new() })
}

/// Whether the stored resource is a later version of a record.
fn is_later(there: &Resource, record: &Resource) -> bool {
    there.version > record.version && there.created_by == record.created_by
}
