//! `POST /api/{kind}/batch`: several changes, all or nothing.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::problem::{
    ALREADY_EXISTS, INVALID_TRANSITION, NOT_FOUND, PRECONDITION_FAILED, REFERENCE_NOT_FOUND,
};
use resource_api::http::{Description, Request, RequestBody, RequestHeader, Response, Success, write_batch};
use resource_api::service::WriteService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("batchWrite{Many}", "Change several {many} at once")
    .text("All operations are applied in one transaction, or none. If some fail, the response has the status and code of the \
           first, and `details` names all of them. Each operation takes one token of the rate limit; a batch larger than the bucket takes the whole bucket.")
    .headers(&[RequestHeader::IdempotencyKey])
    .body(RequestBody::Batch)
    .success(&[Success::Batch])
    .problems(&[NOT_FOUND, ALREADY_EXISTS, REFERENCE_NOT_FOUND, INVALID_TRANSITION, PRECONDITION_FAILED]);

/// Handles a request.
///
/// # Errors
/// As [`write_batch`], and for an invalid request.
pub async fn handle(
    resources: Arc<WriteService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    request.no_parameters()?;
    let requested = request.batch()?;
    write_batch(&resources, &caller, &request, &requested).await
}
