//! `GET /api/{kind}/{id}/related`: the resources that one is related to.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::problem::CONTENT_TOO_LARGE;
use resource_api::http::{Description, QueryParameters, Request, RequestHeader, Response, Success};
use resource_api::service::ReadService;

/// What it takes and gives.
pub const DESCRIPTION: Description = Description::new("list{One}Related", "List what {a_one} is related to")
    .text("The resources that its lists of references lead to, in their order, with one batch read. `missing` has the ids that \
           lead to no resource that the caller may see.")
    .query(&[QueryParameters::RelatedFields])
    .headers(&[RequestHeader::CacheControl])
    .success(&[Success::Related])
    .problems(&[CONTENT_TOO_LARGE]);

/// Answers a request.
///
/// # Errors
/// As [`ReadService::related`] and [`Response::batch_get`], and for parameters that cannot be read.
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
