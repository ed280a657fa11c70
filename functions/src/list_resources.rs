//! `GET /api/{kind}`: one page of the caller's resources.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Request, Response};
use resource_api::service::ReadService;

/// Answers a request.
///
/// # Errors
/// As [`ReadService::list`], and for parameters that cannot be read.
pub async fn handle(
    resources: Arc<ReadService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let list = request.list_request()?;
    let page = resources.list(&caller, &list, request.freshness(), request.received_at()).await?;
    Response::page(&page, list.limit, &request)
}
