//! `GET /api/{kind}/{id}/related`: the resources that one refers to.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::problem::CONTENT_TOO_LARGE;
use resource_api::http::{Description, QueryParameters, Request, RequestHeader, Response, Success};
use resource_api::service::ReadService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("list{One}Related", "List the resources that {a_one} refers to")
    .text("The resources in its lists of references, in their order, with one batch read. `missing` has the ids of resources that \
           do not exist or that the caller may not see.")
    .query(&[QueryParameters::RelatedFields])
    .headers(&[RequestHeader::CacheControl])
    .success(&[Success::Related])
    .problems(&[CONTENT_TOO_LARGE]);

/// Handles a request.
///
/// # Errors
/// As [`ReadService::related`] and [`Response::batch_get`], and for invalid parameters.
pub async fn handle(
    resources: Arc<ReadService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let fields = request.related_fields()?;
    let related =
        resources.related(&caller, request.kind()?, request.id()?, fields, request.freshness()).await?;
    Response::batch_get(&related)
}
