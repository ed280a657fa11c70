//! The SDK's errors, translated by what the call was meant to do.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::Error;
use crate::domain::MAX_ACTIONS;

/// DynamoDB's limit for an item, its attribute names included.
const MAX_ITEM_SIZE: &str = "A resource takes 400 KB at most as DynamoDB counts, of which 3 KB are kept free so that it can \
                             be deleted; the response that is stored for an Idempotency-Key takes 400 KB at most";

/// DynamoDB's limit for a transaction.
const MAX_TRANSACTION_SIZE: &str =
    "The resources of a batch, with the answer that is kept for an Idempotency-Key, take 4 MB at most";
/// What DynamoDB, its local versions too, say of a transaction over the limit.
const TRANSACTION_SIZE_MESSAGES: [&str; 3] = ["4MB", "4 MB", "aggregate size of the items"];

/// What DynamoDB says of an item over the limit, in a put and in an update.
const ITEM_SIZE_MESSAGES: [&str; 2] = [
    "Item size has exceeded the maximum allowed size",
    "Item size to update has exceeded the maximum allowed size",
];

/// Errors that pass, besides all with a 5xx status: throttling, and a transaction whose first attempt is still under way.
const PASSING_ERRORS: [&str; 6] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "LimitExceededException",
    "InternalServerError",
    "TransactionInProgressException",
];
/// The answer to a plain write of an item that a transaction is changing.
const CONFLICT: &str = "TransactionConflictException";

/// What a failed call means where no condition could fail.
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
                // Whatever its code: the fault is DynamoDB's, and passes.
                _ if service.raw().status().is_server_error() => Error::Unavailable(error.into()),
                _ => too_large(message).unwrap_or_else(|| Error::defect(error)),
            }
        }
        _ => Error::defect(error),
    }
}

/// What an item means that leaves no room for the resource to be deleted.
pub(super) fn item_too_large() -> Error {
    Error::TooLarge(MAX_ITEM_SIZE.to_owned())
}

/// What a message about a size means; `None` for any other message.
pub(super) fn too_large(message: &str) -> Option<Error> {
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if says(&ITEM_SIZE_MESSAGES) {
        return Some(item_too_large());
    }
    says(&TRANSACTION_SIZE_MESSAGES).then(transaction_too_large)
}

/// That a transaction needs more actions than DynamoDB takes.
pub(super) fn too_many_actions(actions: usize) -> Error {
    Error::TooLarge(format!(
        "This request needs {actions} actions of a transaction; {MAX_ACTIONS} are allowed: one for each resource that is written, each \
         unique value that is claimed or released, each other resource that must exist, and an Idempotency-Key. Send fewer \
         operations or references at once"
    ))
}

/// That the items of a transaction are over DynamoDB's limit.
pub(super) fn transaction_too_large() -> Error {
    Error::TooLarge(MAX_TRANSACTION_SIZE.to_owned())
}
