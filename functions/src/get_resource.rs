//! `GET /api/resources/{id}`: one resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Reply, Request, StatusCode, etag};
use resource_api::service::ResourceService;

/// Answers a request.
///
/// # Errors
/// As [`ResourceService::get`], and for parameters and header fields that cannot be read.
pub async fn handle(
    resources: Arc<ResourceService>,
    caller: Caller,
    request: Request,
) -> Result<Reply, Error> {
    let selection = request.selection()?;
    let row = resources.get(&caller, request.id()?, selection, request.freshness()).await?;
    let etag = etag(row.view.version());
    if request.if_none_match(&etag)? && !selection.related {
        return Ok(Reply::not_modified(&etag));
    }
    Reply::row(StatusCode::OK, &row)
}
