//! Requests that write, with an idempotency key or without.

use super::{Request, Response};
use crate::Error;
use crate::domain::{BatchOperation, Caller, Operation, Resource};
use crate::service::{Execution, WriteService};

/// Does what a request asks for, once for all requests with its key. `response` says what became of the resource.
///
/// # Errors
/// As [`WriteService::execute_idempotent`], and for a key that cannot be read.
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

/// Does everything that a request asks for, or nothing; once for all requests with its key.
///
/// # Errors
/// As [`WriteService::batch`], and for a key that cannot be read.
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
