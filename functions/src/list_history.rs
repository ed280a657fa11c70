//! `GET /api/{kind}/{id}/history`: one page of the versions of a resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::problem::INVALID_CURSOR;
use resource_api::http::{Description, QueryParameters, Request, Response, Success};
use resource_api::service::HistoryService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("list{One}History", "List the versions of {a_one}")
    .text("One page of the versions that the {one} has had, the newest first, also of a deleted one. For admins.")
    .query(&[QueryParameters::History])
    .success(&[Success::History])
    .problems(&[INVALID_CURSOR]);

/// Handles a request.
///
/// # Errors
/// As [`HistoryService::list`], and for invalid parameters.
pub async fn handle(
    history: Arc<HistoryService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let asked = request.history_request()?;
    let page = history.list(&caller, request.kind()?, request.id()?, &asked).await?;
    Response::page(&page, asked.limit, &request)
}
