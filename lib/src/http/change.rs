//! Requests that change something, with an idempotency key or without.

use super::{Reply, Request};
use crate::Error;
use crate::domain::{Caller, Operation, Requested, Resource};
use crate::service::{Answered, ChangeService};

/// Does what a request asks for, once for all requests with its key. `reply` says what became of the resource.
///
/// # Errors
/// As [`ChangeService::execute_once`], and for a key that cannot be read.
pub async fn change(
    resources: &ChangeService,
    caller: &Caller,
    request: &Request,
    operation: &Operation,
    reply: impl Fn(Option<&Resource>) -> Result<Reply, Error>,
) -> Result<Reply, Error> {
    let now = request.received_at();
    match request.once(caller)? {
        None => reply(resources.execute(caller, operation, now).await?.as_ref()),
        Some(once) => {
            let answer = |resource: Option<&Resource>| Ok(reply(resource)?.into_answer());
            Ok(answered(resources.execute_once(caller, operation, now, &once, answer).await?))
        }
    }
}

/// Does everything that a request asks for, or nothing; once for all requests with its key.
///
/// # Errors
/// As [`ChangeService::batch`], and for a key that cannot be read.
pub async fn change_many(
    resources: &ChangeService,
    caller: &Caller,
    request: &Request,
    requested: &[Requested],
) -> Result<Reply, Error> {
    let once = request.once(caller)?;
    let answer = |resources: &[Option<&Resource>]| Ok(Reply::resources(resources)?.into_answer());
    let done = resources.batch(caller, requested, request.received_at(), once.as_ref(), answer).await?;
    Ok(answered(done))
}

fn answered(done: Answered) -> Reply {
    match done {
        Answered::Now(answer) => Reply::from_answer(answer),
        Answered::Before(answer) => Reply::from_answer(answer).replayed(),
    }
}
