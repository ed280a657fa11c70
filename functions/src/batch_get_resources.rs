//! `POST /api/resources/batch-get`: many resources by their ids.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, ids_from_json};
use resource_api::http::{JSON, Reply, Request};
use resource_api::service::ResourceService;

/// Answers a request.
///
/// # Errors
/// As [`ResourceService::batch_get`] and [`Reply::batch`], and for parameters and a body that cannot be read.
pub async fn handle(
    resources: Arc<ResourceService>,
    caller: Caller,
    request: Request,
) -> Result<Reply, Error> {
    let fields = request.fields()?;
    let ids = ids_from_json(request.json(JSON)?).map_err(Error::Validation)?;
    let batch = resources.batch_get(&caller, &ids, fields, request.freshness()).await?;
    Reply::batch(&batch)
}
