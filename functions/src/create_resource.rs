//! `POST /api/{kind}`: a new resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Operation, Values};
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
    let values = Values::from_json(request.kind()?, request.json(JSON)?).map_err(Error::Validation)?;
    write(&resources, &caller, &request, &Operation::Create(values), |created| {
        Response::created(request.path(), created)
    })
    .await
}
