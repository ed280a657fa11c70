//! `POST /api/{kind}/batch-get`: many resources by their ids.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, ids_from_json};
use resource_api::http::{
    Description, JSON, QueryParameters, Request, RequestBody, RequestHeader, Response, Success,
};
use resource_api::service::ReadService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("batchGet{Many}", "Get {many} by their ids")
    .text("Up to 100 {many} with one request, in the order of the ids. Each 10 ids, or part of 10, take one token of the rate limit.")
    .query(&[QueryParameters::Fields])
    .headers(&[RequestHeader::CacheControl])
    .body(RequestBody::Ids)
    .success(&[Success::ByIds]);

/// Handles a request.
///
/// # Errors
/// As [`ReadService::batch_get`] and [`Response::batch_get`], and for invalid parameters or an invalid body.
pub async fn handle(
    resources: Arc<ReadService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let fields = request.fields()?;
    let ids = ids_from_json(request.json(JSON)?).map_err(Error::Validation)?;
    let batch = resources.batch_get(&caller, request.kind()?, &ids, fields, request.freshness()).await?;
    Response::batch_get(&batch)
}
