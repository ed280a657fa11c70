//! `PUT /api/resources/{id}`: replaces every field that a client owns.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{JSON, Reply, Request, StatusCode};
use resource_api::service::ResourceService;

/// Answers a request.
///
/// # Errors
/// As [`ResourceService::replace`], and for a body and header fields that cannot be read.
pub async fn handle(
    resources: Arc<ResourceService>,
    caller: Caller,
    request: Request,
) -> Result<Reply, Error> {
    request.no_parameters()?;
    let id = request.id()?;
    let expected = request.if_match()?;
    let body = request.json(JSON)?;
    let resource = resources.replace(&caller, id, body, &expected, request.received_at()).await?;
    Reply::resource(StatusCode::OK, resource)
}
