//! `GET /health`: that the API answers.

use resource_api::Error;
use resource_api::http::{Request, Response, StatusCode};
use serde_json::json;

/// Answers a request.
///
/// # Errors
/// Only by a defect.
#[expect(clippy::unused_async, reason = "handlers are async")]
pub async fn handle(_request: Request) -> Result<Response, Error> {
    Response::json(StatusCode::OK, &json!({ "status": "ok" }))
}
