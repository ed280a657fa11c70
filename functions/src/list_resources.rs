//! `GET /api/{kind}`: one page of the caller's resources.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::problem::{CONTENT_TOO_LARGE, INVALID_CURSOR};
use resource_api::http::{Description, QueryParameters, Request, RequestHeader, Response, Success};
use resource_api::service::ReadService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("list{Many}", "List {many}")
    .text("One page of the {many} that the caller may see, the newest first unless `sort` says otherwise. Follow \
           `pagination.next_cursor`, or the header `Link`, until it is null. A change may take a moment to appear in lists.")
    .query(&[QueryParameters::List, QueryParameters::Fields, QueryParameters::Expand])
    .headers(&[RequestHeader::CacheControl])
    .success(&[Success::Page])
    .problems(&[INVALID_CURSOR, CONTENT_TOO_LARGE]);

/// Handles a request.
///
/// # Errors
/// As [`ReadService::list`], and for invalid parameters.
pub async fn handle(
    resources: Arc<ReadService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let list = request.list_request()?;
    let page = resources.list(&caller, &list, request.freshness(), request.received_at()).await?;
    Response::page(&page, list.limit, &request)
}
