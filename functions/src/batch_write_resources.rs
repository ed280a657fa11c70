//! `POST /api/{kind}/batch`: several changes, all or nothing.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Request, Response, write_batch};
use resource_api::service::WriteService;

/// Answers a request.
///
/// # Errors
/// As [`write_batch`], and for what cannot be read.
pub async fn handle(
    resources: Arc<WriteService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    request.no_parameters()?;
    let requested = request.batch()?;
    write_batch(&resources, &caller, &request, &requested).await
}
