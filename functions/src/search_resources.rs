//! `GET /api/{kind}/search`: the caller's resources by the words of their searched fields.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::problem::CONTENT_TOO_LARGE;
use resource_api::http::{Description, QueryParameters, Request, Response, Success};
use resource_api::service::SearchService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("search{Many}", "Search {many}")
    .text("Finds {many} by the beginnings of words; case and accents do not count. Matches of complete words come first; \
           within each group, the newest comes first. A change may take a moment to appear.")
    .query(&[QueryParameters::Search, QueryParameters::Fields])
    .success(&[Success::Found])
    .problems(&[CONTENT_TOO_LARGE]);

/// Handles a request.
///
/// # Errors
/// As [`SearchService::search`] and [`Response::search_results`], and for invalid parameters.
pub async fn handle(search: Arc<SearchService>, caller: Caller, request: Request) -> Result<Response, Error> {
    let asked = request.search_request()?;
    let found = search.search(&caller, &asked).await?;
    Response::search_results(&found, asked.limit)
}
