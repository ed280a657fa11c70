//! Translates the SDK's errors by the intent of the call.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::Error;
use crate::domain::MAX_ACTIONS;

/// DynamoDB's limit for an item, its attribute names included.
const MAX_ITEM_SIZE: &str = "A resource may have at most 397 KB as a DynamoDB item, and the response stored for an \
                             Idempotency-Key at most 400 KB";

/// DynamoDB's limit for a transaction.
const MAX_TRANSACTION_SIZE: &str =
    "The resources of a batch and the response stored for an Idempotency-Key may have at most 4 MB in total";
/// Parts of the messages with which DynamoDB, and local versions of it, reject a transaction over the limit.
const TRANSACTION_SIZE_MESSAGES: [&str; 3] = ["4MB", "4 MB", "aggregate size of the items"];

/// The messages with which DynamoDB rejects an item over the limit, in a put and in an update.
const ITEM_SIZE_MESSAGES: [&str; 2] = [
    "Item size has exceeded the maximum allowed size",
    "Item size to update has exceeded the maximum allowed size",
];

/// Transient errors, besides all with a 5xx status: throttling, and a transaction whose first attempt is
/// still in progress.
const PASSING_ERRORS: [&str; 6] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "LimitExceededException",
    "InternalServerError",
    "TransactionInProgressException",
];
/// The code of a write outside a transaction that conflicts with a transaction.
const CONFLICT: &str = "TransactionConflictException";

/// Translates an error other than a failed condition.
pub(super) fn translate<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            Error::Unavailable(error.into())
        }
        SdkError::ServiceError(service) => {
            let message = service.err().message().unwrap_or_default();
            match service.err().code() {
                Some(CONFLICT) => Error::WriteConflict,
                Some(code) if PASSING_ERRORS.contains(&code) => Error::Unavailable(error.into()),
                // A 5xx status is transient, whatever the code.
                _ if service.raw().status().is_server_error() => Error::Unavailable(error.into()),
                _ => too_large(message).unwrap_or_else(|| Error::defect(error)),
            }
        }
        _ => Error::defect(error),
    }
}

/// The error of an item without room for the deletion of its resource.
pub(super) fn item_too_large() -> Error {
    Error::TooLarge(MAX_ITEM_SIZE.to_owned())
}

/// Translates the message of an exceeded size; `None` for any other message.
pub(super) fn too_large(message: &str) -> Option<Error> {
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if says(&ITEM_SIZE_MESSAGES) {
        return Some(item_too_large());
    }
    says(&TRANSACTION_SIZE_MESSAGES).then(transaction_too_large)
}

/// The error of a transaction with more actions than DynamoDB accepts.
pub(super) fn too_many_actions(actions: usize) -> Error {
    Error::TooLarge(format!(
        "This request needs {actions} actions of a transaction; {MAX_ACTIONS} are allowed: one for each resource that is written, each \
         unique value that is claimed or released, each other resource that must exist, and an Idempotency-Key. Send fewer \
         operations or references at once"
    ))
}

/// The error of a transaction whose items exceed DynamoDB's limit.
pub(super) fn transaction_too_large() -> Error {
    Error::TooLarge(MAX_TRANSACTION_SIZE.to_owned())
}
