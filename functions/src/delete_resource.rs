//! `DELETE /api/resources/{id}`: removes a resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Reply, Request, StatusCode};
use resource_api::service::ResourceService;

/// Answers a request.
///
/// # Errors
/// As [`ResourceService::delete`], and for header fields that cannot be read.
pub async fn handle(
    resources: Arc<ResourceService>,
    caller: Caller,
    request: Request,
) -> Result<Reply, Error> {
    request.no_parameters()?;
    let id = request.id()?;
    let expected = request.if_match()?;
    resources.delete(&caller, id, &expected).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
