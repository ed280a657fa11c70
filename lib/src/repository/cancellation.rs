//! What it means when a transaction fails: DynamoDB gives a reason for each of its actions.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;

use super::errors;
use super::item::Item;
use crate::Error;

/// The code of an action whose condition failed.
const CONDITION_FAILED: &str = "ConditionalCheckFailed";
/// That of one whose item another transaction is at.
const CONFLICT: &str = "TransactionConflict";

/// Why a transaction was cancelled: a reason for each of its actions.
pub(super) struct Reasons<'a>(pub(super) &'a [CancellationReason]);

impl Reasons<'_> {
    /// Whether the condition of the action at a place failed.
    pub(super) fn failed(&self, place: usize) -> bool {
        self.0.get(place).and_then(|reason| reason.code.as_deref()) == Some(CONDITION_FAILED)
    }

    /// Whether another transaction is at one of the items.
    pub(super) fn conflict(&self) -> bool {
        self.0.iter().any(|reason| reason.code.as_deref() == Some(CONFLICT))
    }

    /// The item that made the condition of the last action fail.
    pub(super) fn last_item(&self) -> Option<Item> {
        self.0.last().and_then(|reason| reason.item.clone())
    }
}

/// What a failed transaction means.
pub(super) fn failure(error: SdkError<TransactWriteItemsError>) -> Error {
    let known = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancellation(cancelled.cancellation_reasons())
        }
        _ => None,
    };
    known.unwrap_or_else(|| errors::translate(error))
}

/// What the reasons of a cancelled transaction mean; `None` for those that are not expected here.
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
