//! `PUT /api/resources/{id}`: replaces every field that a client owns.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation, Values};
use resource_api::http::{JSON, Reply, Request, change};
use resource_api::service::ChangeService;

/// Answers a request.
///
/// # Errors
/// As [`change`], and for what cannot be read.
pub async fn handle(resources: Arc<ChangeService>, caller: Caller, request: Request) -> Result<Reply, Error> {
    request.no_parameters()?;
    let (id, expected) = (request.id()?, request.if_match()?);
    let values = Values::from_json(request.json(JSON)?).map_err(Error::Validation)?;
    let operation = Operation::Change { id, expected, change: Change::Replace(values) };
    change(&resources, &caller, &request, &operation, Reply::changed).await
}
