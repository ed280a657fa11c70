//! `GET /api/resources/{id}/related`: the resources that one is related to.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Reply, Request};
use resource_api::service::ResourceService;

/// Answers a request.
///
/// # Errors
/// As [`ResourceService::related`] and [`Reply::batch`], and for parameters that cannot be read.
pub async fn handle(
    resources: Arc<ResourceService>,
    caller: Caller,
    request: Request,
) -> Result<Reply, Error> {
    let fields = request.fields()?;
    let related = resources.related(&caller, request.id()?, fields, request.freshness()).await?;
    Reply::batch(&related)
}
