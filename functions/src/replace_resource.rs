//! `PUT /api/{kind}/{id}`: replaces every field that a client owns.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation, Replacement};
use resource_api::http::{JSON, Request, Response, write};
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
    let kind = request.kind()?;
    let replacement = Replacement::from_json(kind, request.json(JSON)?).map_err(Error::Validation)?;
    let operation = Operation::Change { id, expected, change: Change::Replace(replacement) };
    write(&resources, &caller, &request, &operation, Response::changed).await
}
