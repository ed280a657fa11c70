//! `GET /api/resources`: one page of the caller's resources.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Reply, Request};
use resource_api::service::ResourceService;

/// Answers a request.
///
/// # Errors
/// As [`ResourceService::list`], and for parameters that cannot be read.
pub async fn handle(
    resources: Arc<ResourceService>,
    caller: Caller,
    request: Request,
) -> Result<Reply, Error> {
    let list = request.list_request()?;
    let page = resources.list(&caller, &list, request.freshness(), request.received_at()).await?;
    Reply::page(&page, list.limit, &request)
}
