//! `DELETE /api/{kind}/{id}`: deletes a resource, or removes it for good.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation};
use resource_api::http::{Description, QueryParameters, Request, RequestHeader, Response, Success, write};
use resource_api::service::WriteService;

/// What it takes and gives.
pub const DESCRIPTION: Description = Description::new("delete{One}", "Delete {a_one}")
    .text("A deleted {one} is in no read but lists with `status=deleted`, and can be restored until it is removed for good, \
           after 30 days unless the deployment says otherwise. With `purge=true`, which is for admins, it is removed at once.")
    .query(&[QueryParameters::Purge])
    .headers(&[RequestHeader::IfMatch, RequestHeader::IdempotencyKey])
    .success(&[Success::Deleted]);

/// Answers a request.
///
/// # Errors
/// As [`write()`], and for what cannot be read.
pub async fn handle(
    resources: Arc<WriteService>,
    caller: Caller,
    request: Request,
) -> Result<Response, Error> {
    let what = if request.purge()? { Change::Purge } else { Change::Delete };
    let operation = Operation::Change { id: request.id()?, expected: request.if_match()?, change: what };
    write(&resources, &caller, &request, &operation, Response::changed).await
}
