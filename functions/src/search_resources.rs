//! `GET /api/{kind}/search`: the caller's resources by the words of their names.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Request, Response};
use resource_api::service::SearchService;

/// Answers a request.
///
/// # Errors
/// As [`SearchService::search`] and [`Response::search_results`], and for parameters that cannot be read.
pub async fn handle(search: Arc<SearchService>, caller: Caller, request: Request) -> Result<Response, Error> {
    let asked = request.search_request()?;
    let found = search.search(&caller, &asked).await?;
    Response::search_results(&found, asked.limit)
}
