//! `GET /api/{kind}/{id}/history`: one page of what became of a resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Request, Response};
use resource_api::service::HistoryService;

/// Answers a request.
///
/// # Errors
/// As [`HistoryService::list`], and for parameters that cannot be read.
pub async fn handle(
    history: Arc<HistoryService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let asked = request.history_request()?;
    let page = history.list(&caller, request.kind()?, request.id()?, &asked).await?;
    Response::page(&page, asked.limit, &request)
}
