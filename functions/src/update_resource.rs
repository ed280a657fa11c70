//! `PATCH /api/{kind}/{id}`: applies a merge patch (RFC 7396).

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation};
use resource_api::http::problem::{ALREADY_EXISTS, INVALID_TRANSITION, REFERENCE_NOT_FOUND};
use resource_api::http::{
    Description, MERGE_PATCH, Request, RequestBody, RequestHeader, Response, Success, write,
};
use resource_api::service::WriteService;

/// What it takes and gives.
pub const DESCRIPTION: Description = Description::new("update{One}", "Update {a_one}")
    .text("Applies a JSON merge patch (RFC 7396): members that are left out stay as they are, and `null` puts a member back to \
           its default. If nothing differs, the version stays as it is.")
    .headers(&[RequestHeader::IfMatch, RequestHeader::IdempotencyKey])
    .body(RequestBody::MergePatch)
    .success(&[Success::Changed])
    .problems(&[ALREADY_EXISTS, REFERENCE_NOT_FOUND, INVALID_TRANSITION]);

/// Answers a request.
///
/// # Errors
/// As [`write()`], and for what cannot be read.
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
