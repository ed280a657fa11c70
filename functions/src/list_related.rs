//! `GET /api/{kind}/{id}/related`: the resources that one is related to.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Request, Response};
use resource_api::service::ReadService;

/// Answers a request.
///
/// # Errors
/// As [`ReadService::related`] and [`Response::batch_get`], and for parameters that cannot be read.
pub async fn handle(
    resources: Arc<ReadService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let fields = request.related_fields()?;
    let related =
        resources.related(&caller, request.kind()?, request.id()?, fields, request.freshness()).await?;
    Response::batch_get(&related)
}
