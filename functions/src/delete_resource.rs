//! `DELETE /api/resources/{id}`: deletes a resource, or removes it for good.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::{Caller, Change, Operation};
use resource_api::http::{Reply, Request, change};
use resource_api::service::ChangeService;

/// Answers a request.
///
/// # Errors
/// As [`change`], and for what cannot be read.
pub async fn handle(resources: Arc<ChangeService>, caller: Caller, request: Request) -> Result<Reply, Error> {
    let what = if request.purge()? { Change::Purge } else { Change::Delete };
    let operation = Operation::Change { id: request.id()?, expected: request.if_match()?, change: what };
    change(&resources, &caller, &request, &operation, Reply::changed).await
}
