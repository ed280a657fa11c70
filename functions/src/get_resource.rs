//! `GET /api/{kind}/{id}`: one resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::problem::CONTENT_TOO_LARGE;
use resource_api::http::{
    Description, QueryParameters, Request, RequestHeader, Response, StatusCode, Success, etag,
};
use resource_api::service::ReadService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("get{One}", "Get {a_one}")
    .text("A strongly consistent read. With `If-None-Match`, the response is a 304 without a body if the {one} has not changed.")
    .query(&[QueryParameters::Fields, QueryParameters::Expand])
    .headers(&[RequestHeader::IfNoneMatch, RequestHeader::CacheControl])
    .success(&[Success::Selected, Success::NotModified])
    .problems(&[CONTENT_TOO_LARGE]);

/// Handles a request.
///
/// # Errors
/// As [`ReadService::get`], and for invalid parameters and header fields.
pub async fn handle(
    resources: Arc<ReadService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let selection = request.selection()?;
    let row = resources.get(&caller, request.kind()?, request.id()?, selection, request.freshness()).await?;
    let etag = etag(row.view.version());
    if request.if_none_match(&etag)? && row.expansions.is_empty() {
        return Ok(Response::not_modified(&etag));
    }
    Response::row(StatusCode::OK, &row)
}
