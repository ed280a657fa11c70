//! `GET /health`: that the API answers.

use resource_api::Error;
use resource_api::http::{Description, Request, Response, StatusCode, Success};
use serde_json::json;

/// What it takes and gives.
pub const DESCRIPTION: Description = Description::new("getHealth", "Whether the API answers")
    .text("For load balancers and monitoring. It reads no table.")
    .success(&[Success::Healthy]);

/// Answers a request.
///
/// # Errors
/// Only by a defect.
#[expect(clippy::unused_async, reason = "handlers are async")]
pub async fn handle(_request: Request) -> Result<Response, Error> {
    Response::json(StatusCode::OK, &json!({ "status": "ok" }))
}
