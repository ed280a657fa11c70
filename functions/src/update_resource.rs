//! `PATCH /api/{kind}/{id}`: applies a merge patch (RFC 7396).

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation};
use resource_api::http::problem::{ALREADY_EXISTS, INVALID_TRANSITION, REFERENCE_NOT_FOUND};
use resource_api::http::{
    Description, MERGE_PATCH, Request, RequestBody, RequestHeader, Response, Success, write,
};
use resource_api::service::WriteService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("update{One}", "Update {a_one}")
    .text("Applies a JSON merge patch (RFC 7396): missing members keep their values, and `null` resets a member to its default. \
           If nothing changes, the version stays the same.")
    .headers(&[RequestHeader::IfMatch, RequestHeader::IdempotencyKey])
    .body(RequestBody::MergePatch)
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
    let patch = request.json(MERGE_PATCH)?;
    let operation = Operation::Change { id, expected, change: Change::Update(patch.into()) };
    write(&resources, &caller, &request, &operation, Response::changed).await
}
