//! Executes requests that write, with or without an idempotency key.

use super::{Request, Response};
use crate::Error;
use crate::domain::{BatchOperation, Caller, Operation, Resource};
use crate::service::{Execution, WriteService};

/// Executes an operation, once for all requests with the same key. `response` gets the resource afterwards;
/// `None` if it is deleted.
///
/// # Errors
/// As [`WriteService::execute_idempotent`], and [`Error::InvalidHeader`] for a key with the wrong syntax.
pub async fn write(
    resources: &WriteService,
    caller: &Caller,
    request: &Request,
    operation: &Operation,
    response: impl Fn(Option<&Resource>) -> Result<Response, Error>,
) -> Result<Response, Error> {
    let (kind, now) = (request.kind()?, request.received_at());
    match request.idempotent(caller)? {
        None => response(resources.execute(caller, kind, operation, now).await?.as_ref()),
        Some(idempotent) => {
            let response = |resource: Option<&Resource>| Ok(response(resource)?.into_stored());
            let done =
                resources.execute_idempotent(caller, kind, operation, now, &idempotent, response).await?;
            Ok(respond(done))
        }
    }
}

/// Executes all operations of a batch or none, once for all requests with the same key.
///
/// # Errors
/// As [`WriteService::batch`], and [`Error::InvalidHeader`] for a key with the wrong syntax.
pub async fn write_batch(
    resources: &WriteService,
    caller: &Caller,
    request: &Request,
    requested: &[BatchOperation],
) -> Result<Response, Error> {
    let idempotent = request.idempotent(caller)?;
    let response = |resources: &[Option<&Resource>]| Ok(Response::batch_write(resources)?.into_stored());
    let (kind, now) = (request.kind()?, request.received_at());
    let done = resources.batch(caller, kind, requested, now, idempotent.as_ref(), response).await?;
    Ok(respond(done))
}

fn respond(done: Execution) -> Response {
    match done {
        Execution::Performed(response) => Response::from_stored(response),
        Execution::Replayed(response) => Response::from_stored(response).replayed(),
    }
}
