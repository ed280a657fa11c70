//! `GET /api/resources/search`: the caller's resources by the words of their names.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::Caller;
use resource_api::http::{Reply, Request};
use resource_api::service::SearchService;

/// Answers a request.
///
/// # Errors
/// As [`SearchService::search`] and [`Reply::found`], and for parameters that cannot be read.
pub async fn handle(search: Arc<SearchService>, caller: Caller, request: Request) -> Result<Reply, Error> {
    let asked = request.search_request()?;
    let found = search.search(&caller, &asked).await?;
    Reply::found(&found, asked.limit)
}
