//! `PATCH /api/resources/{id}`: applies a merge patch (RFC 7396).

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{MERGE_PATCH, Reply, Request, StatusCode};
use resource_api::service::ResourceService;

/// Answers a request.
///
/// # Errors
/// As [`ResourceService::update`], and for a body and header fields that cannot be read.
pub async fn handle(
    resources: Arc<ResourceService>,
    caller: Caller,
    request: Request,
) -> Result<Reply, Error> {
    request.no_parameters()?;
    let id = request.id()?;
    let expected = request.if_match()?;
    let patch = request.json(MERGE_PATCH)?;
    let resource = resources.update(&caller, id, &patch, &expected, request.received_at()).await?;
    Reply::resource(StatusCode::OK, resource)
}
