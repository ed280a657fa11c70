//! Translates failed transactions: DynamoDB returns a cancellation reason for each action.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

use super::errors;
use super::item::Item;
use crate::Error;

/// The code of an action whose condition failed.
const CONDITION_FAILED: &str = "ConditionalCheckFailed";
/// The code of an action whose item another transaction is writing.
const CONFLICT: &str = "TransactionConflict";

/// The cancellation reasons of a transaction, one for each action.
pub(super) struct Reasons<'a>(pub(super) &'a [CancellationReason]);

impl Reasons<'_> {
    /// Whether the condition of the action at a position failed.
    pub(super) fn failed(&self, place: usize) -> bool {
        self.0.get(place).and_then(|reason| reason.code.as_deref()) == Some(CONDITION_FAILED)
    }

    /// Whether another transaction is writing one of the items.
    pub(super) fn conflict(&self) -> bool {
        self.0.iter().any(|reason| reason.code.as_deref() == Some(CONFLICT))
    }

    /// The item because of which the condition of the last action failed.
    pub(super) fn last_item(&self) -> Option<Item> {
        self.0.last().and_then(|reason| reason.item.clone())
    }
}

/// Translates the error of a transaction.
pub(super) fn failure(error: SdkError<TransactWriteItemsError>) -> Error {
    let known = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancellation(cancelled.cancellation_reasons())
        }
        _ => None,
    };
    known.unwrap_or_else(|| errors::translate(error))
}

/// Translates the reasons of a cancelled transaction; `None` for those that are not expected here.
fn cancellation(reasons: &[CancellationReason]) -> Option<Error> {
    let codes = || reasons.iter().filter_map(|reason| reason.code.as_deref());
    if codes().any(|code| matches!(code, CONDITION_FAILED | CONFLICT)) {
        return Some(Error::WriteConflict);
    }
    if let Some(code) =
        codes().find(|code| matches!(*code, "ThrottlingError" | "ProvisionedThroughputExceeded"))
    {
        return Some(Error::Unavailable(code.to_owned().into()));
    }
    reasons.iter().filter_map(|reason| reason.message.as_deref()).find_map(errors::too_large)
}
