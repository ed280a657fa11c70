//! `PATCH /api/{kind}/{id}`: applies a merge patch (RFC 7396).

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation};
use resource_api::http::{MERGE_PATCH, Request, Response, write};
use resource_api::service::WriteService;

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
