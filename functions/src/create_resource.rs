//! `POST /api/{kind}`: creates a resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Operation, Values};
use resource_api::http::problem::{ALREADY_EXISTS, REFERENCE_NOT_FOUND};
use resource_api::http::{Description, JSON, Request, RequestBody, RequestHeader, Response, Success, write};
use resource_api::service::WriteService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("create{One}", "Create {a_one}")
    .text("With an `Idempotency-Key`, a repetition of the request returns the first response and creates nothing.")
    .headers(&[RequestHeader::IdempotencyKey])
    .body(RequestBody::Resource)
    .success(&[Success::Created])
    .problems(&[ALREADY_EXISTS, REFERENCE_NOT_FOUND]);

/// Handles a request.
///
/// # Errors
/// As [`write()`], and for an invalid request.
pub async fn handle(
    resources: Arc<WriteService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    request.no_parameters()?;
    let values = Values::from_json(request.kind()?, request.json(JSON)?).map_err(Error::Validation)?;
    write(&resources, &caller, &request, &Operation::Create(values), |created| {
        Response::created(request.path(), created)
    })
    .await
}
