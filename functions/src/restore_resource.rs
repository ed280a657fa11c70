//! `POST /api/resources/{id}/restore`: undoes a deletion.

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
    request.no_parameters()?;
    let operation =
        Operation::Change { id: request.id()?, expected: request.if_match()?, change: Change::Restore };
    change(&resources, &caller, &request, &operation, Reply::changed).await
}
