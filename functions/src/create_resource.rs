//! `POST /api/resources`: a new resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Operation, Values};
use resource_api::http::{JSON, Reply, Request, change};
use resource_api::service::ChangeService;

/// Answers a request.
///
/// # Errors
/// As [`change`], and for what cannot be read.
pub async fn handle(resources: Arc<ChangeService>, caller: Caller, request: Request) -> Result<Reply, Error> {
    request.no_parameters()?;
    let values = Values::from_json(request.json(JSON)?).map_err(Error::Validation)?;
    change(&resources, &caller, &request, &Operation::Create(values), |created| {
        Reply::created(request.path(), created)
    })
    .await
}
