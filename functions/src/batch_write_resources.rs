//! `POST /api/resources/batch`: several changes, all or nothing.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Reply, Request, change_many};
use resource_api::service::ChangeService;

/// Answers a request.
///
/// # Errors
/// As [`change_many`], and for what cannot be read.
pub async fn handle(resources: Arc<ChangeService>, caller: Caller, request: Request) -> Result<Reply, Error> {
    request.no_parameters()?;
    let requested = request.batch()?;
    change_many(&resources, &caller, &request, &requested).await
}
