//! The SDK's errors, translated by what the call was meant to do.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::Error;

/// DynamoDB's limit for an item, its attribute names included.
const MAX_ITEM_SIZE: &str = "A resource takes 400 KB at most, as DynamoDB counts; so does the answer that is kept for an Idempotency-Key";

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

/// Errors that pass: throttling, and DynamoDB's own faults.
const PASSING_ERRORS: [&str; 6] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "InternalServerError",
    "ServiceUnavailable",
    "TransactionInProgressException",
];

/// What a failed call means where no condition could fail.
pub(super) fn translate<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            Error::Unavailable(error.into())
        }
        SdkError::ServiceError(service) => {
            let message = service.err().message().unwrap_or_default();
            match service.err().code() {
                Some(code) if PASSING_ERRORS.contains(&code) => Error::Unavailable(error.into()),
                _ => too_large(message).unwrap_or_else(|| Error::defect(error)),
            }
        }
        _ => Error::defect(error),
    }
}

/// What a message about a size means; `None` for any other message.
pub(super) fn too_large(message: &str) -> Option<Error> {
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if says(&ITEM_SIZE_MESSAGES) {
        return Some(Error::TooLarge(MAX_ITEM_SIZE.to_owned()));
    }
    says(&TRANSACTION_SIZE_MESSAGES).then(|| Error::TooLarge(MAX_TRANSACTION_SIZE.to_owned()))
}
