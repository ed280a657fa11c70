//! `DELETE /api/{kind}/{id}`: deletes or purges a resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation};
use resource_api::http::{Description, QueryParameters, Request, RequestHeader, Response, Success, write};
use resource_api::service::WriteService;

/// Its description in the `OpenAPI` document.
pub const DESCRIPTION: Description = Description::new("delete{One}", "Delete {a_one}")
    .text("Only lists with `status=deleted` return a deleted {one}. It can be restored until it is purged, by default after \
           30 days. With `purge=true`, which is for admins, it is purged at once.")
    .query(&[QueryParameters::Purge])
    .headers(&[RequestHeader::IfMatch, RequestHeader::IdempotencyKey])
    .success(&[Success::Deleted]);

/// Handles a request.
///
/// # Errors
/// As [`write()`], and for an invalid request.
pub async fn handle(
    resources: Arc<WriteService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let what = if request.purge()? { Change::Purge } else { Change::Delete };
    let operation = Operation::Change { id: request.id()?, expected: request.if_match()?, change: what };
    write(&resources, &caller, &request, &operation, Response::changed).await
}
