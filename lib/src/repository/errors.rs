//! The SDK's errors, translated by what the call was meant to do.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::item::{Item, to_resource};
use crate::Error;
use crate::domain::{ExpectedVersion, Resource};

/// DynamoDB's limit for an item, its attribute names included.
const MAX_ITEM_SIZE: &str = "A resource takes 400 KB at most, as DynamoDB counts";

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
                _ if ITEM_SIZE_MESSAGES.iter().any(|limit| message.contains(limit)) => {
                    Error::TooLarge(MAX_ITEM_SIZE.to_owned())
                }
                _ => Error::defect(error),
            }
        }
        _ => Error::defect(error),
    }
}

/// What the failed condition of a change means: there is no such resource, it is at another version, or, when
/// neither is so, the change would change nothing; then this gives the resource as it is. So it does where
/// `written_before` knows the resource for the change's own work: the SDK tries again when an answer is lost.
pub(super) fn failed_condition(
    old: Option<Item>,
    expected: &ExpectedVersion,
    written_before: impl Fn(&Resource) -> bool,
) -> Result<Resource, Error> {
    let Some(old) = old else { return Err(Error::NotFound) };
    let resource = to_resource(old)?;
    if expected.allows(resource.version) || written_before(&resource) {
        Ok(resource)
    } else {
        Err(Error::PreconditionFailed { current: resource.version })
    }
}
