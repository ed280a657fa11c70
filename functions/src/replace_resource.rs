//! `PUT /api/{kind}/{id}`: replaces every field that a client owns.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation, Replacement};
use resource_api::http::problem::{ALREADY_EXISTS, INVALID_TRANSITION, REFERENCE_NOT_FOUND};
use resource_api::http::{Description, JSON, Request, RequestBody, RequestHeader, Response, Success, write};
use resource_api::service::WriteService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("replace{One}", "Replace {a_one}")
    .text("Replaces every field that a client owns; what is left out gets its default. Send the `ETag` of the version that you \
           read as `If-Match`, so that no other change is lost. If nothing differs, the version stays as it is.")
    .headers(&[RequestHeader::IfMatch, RequestHeader::IdempotencyKey])
    .body(RequestBody::Resource)
    .success(&[Success::Changed])
    .problems(&[ALREADY_EXISTS, REFERENCE_NOT_FOUND, INVALID_TRANSITION]);

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
    let (id, expected) = (request.id()?, request.if_match()?);
    let kind = request.kind()?;
    let replacement = Replacement::from_json(kind, request.json(JSON)?).map_err(Error::Validation)?;
    let operation = Operation::Change { id, expected, change: Change::Replace(replacement) };
    write(&resources, &caller, &request, &operation, Response::changed).await
}
