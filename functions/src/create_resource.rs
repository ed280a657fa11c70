//! `POST /api/resources`: a new resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{JSON, Reply, Request};
use resource_api::service::ResourceService;

/// Answers a request.
///
/// # Errors
/// As [`ResourceService::create`], and for a body that cannot be read.
pub async fn handle(
    resources: Arc<ResourceService>,
    caller: Caller,
    request: Request,
) -> Result<Reply, Error> {
    request.no_parameters()?;
    let body = request.json(JSON)?;
    let resource = resources.create(&caller, body, request.received_at()).await?;
    Reply::created(request.path(), resource)
}
