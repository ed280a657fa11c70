//! `POST /api/{kind}/{id}/restore`: undoes a deletion.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation};
use resource_api::http::problem::{ALREADY_EXISTS, CONFLICT};
use resource_api::http::{Description, Request, RequestHeader, Response, Success, write};
use resource_api::service::WriteService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("restore{One}", "Restore a deleted {one}")
    .text("It has the status that it had when it was deleted.")
    .headers(&[RequestHeader::IfMatch, RequestHeader::IdempotencyKey])
    .success(&[Success::Changed])
    .problems(&[CONFLICT, ALREADY_EXISTS]);

/// Handles a request.
///
/// # Errors
/// As [`write()`], and for an invalid request.
pub async fn handle(
    resources: Arc<WriteService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    request.no_parameters()?;
    let operation =
        Operation::Change { id: request.id()?, expected: request.if_match()?, change: Change::Restore };
    write(&resources, &caller, &request, &operation, Response::changed).await
}
