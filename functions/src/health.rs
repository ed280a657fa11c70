//! `GET /health`: whether the API responds.

use resource_api::Error;
use resource_api::http::{Description, Request, Response, StatusCode, Success};
use serde_json::json;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("getHealth", "Whether the API answers")
    .text("For load balancers and monitoring. It reads no table.")
    .success(&[Success::Healthy]);

/// Handles a request.
///
/// # Errors
/// Only because of a defect.
#[expect(clippy::unused_async, reason = "handlers are async")]
pub async fn handle(_request: Request) -> Result<Response, Error> {
    Response::json(StatusCode::OK, &json!({ "status": "ok" }))
}
