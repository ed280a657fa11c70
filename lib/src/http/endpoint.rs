//! The endpoint of a function: a handler, with or without a guard. It is a trait, so that the binary of a
//! public function contains neither the guard nor the AWS clients that it needs.

use std::pin::pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, select};

use super::guard::{Guard, admitted};
use super::{Request, Response, RouteAccess};
use crate::Error;
use crate::domain::{Caller, RateLimitClass};
use crate::rate_limit::Decision;

type ResponseFuture<'a> = BoxFuture<'a, Result<Response, Error>>;

/// The caller and the rate limit of a request, whatever its result.
#[derive(Default)]
pub(super) struct RequestOutcome {
    pub(super) caller: Option<Caller>,
    pub(super) decision: Option<Decision>,
}

/// Handles the requests of a function.
pub(super) trait Endpoint: Send + Sync {
    /// What the route requires; `None` for a public one.
    fn access(&self) -> Option<RouteAccess>;

    /// Handles a request.
    fn handle<'a>(&'a self, request: Request, outcome: &'a mut RequestOutcome) -> ResponseFuture<'a>;
}

/// A public handler.
pub(super) struct Public(Box<dyn Fn(Request) -> ResponseFuture<'static> + Send + Sync>);

impl Public {
    pub(super) fn new<F>(handler: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Response, Error>> + Send + 'static,
    {
        Self(Box::new(move |request| handler(request).boxed()))
    }
}

impl Endpoint for Public {
    fn access(&self) -> Option<RouteAccess> {
        None
    }

    fn handle<'a>(&'a self, request: Request, _outcome: &'a mut RequestOutcome) -> ResponseFuture<'a> {
        (self.0)(request)
    }
}

/// A handler behind a guard.
pub(super) struct Protected {
    access: RouteAccess,
    guard: Arc<Guard>,
    handler: Box<dyn Fn(Caller, Request) -> ResponseFuture<'static> + Send + Sync>,
}

impl Protected {
    pub(super) fn new<F>(
        access: RouteAccess,
        guard: Arc<Guard>,
        handler: impl Fn(Caller, Request) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Response, Error>> + Send + 'static,
    {
        let handler = move |caller, request| handler(caller, request).boxed();
        Self { access, guard, handler: Box::new(handler) }
    }

    async fn answer(&self, request: Request, outcome: &mut RequestOutcome) -> Result<Response, Error> {
        let Self { access, guard, handler } = self;
        let now = request.received_at;
        let caller = &*outcome.caller.insert(guard.identify(&request.headers, now).await?);
        if let Err(forbidden) = Guard::permit(caller, request.kind()?, *access) {
            outcome.decision = guard.peek(caller, access.class, now);
            return Err(forbidden);
        }
        let cost = request.tokens(access.cost);
        let limit = guard.limit(caller, access.class, cost, now);
        if access.class != RateLimitClass::Read {
            outcome.decision = limit.await;
            admitted(outcome.decision.as_ref())?;
            return handler(caller.clone(), request).await;
        }
        // A read and the check of its rate limit run concurrently. A refusal cancels the read.
        let read = handler(caller.clone(), request);
        match select(pin!(limit), read).await {
            Either::Left((decision, read)) => {
                outcome.decision = decision;
                admitted(decision.as_ref())?;
                read.await
            }
            Either::Right((result, limit)) => {
                outcome.decision = limit.await;
                admitted(outcome.decision.as_ref())?;
                result
            }
        }
    }
}

impl Endpoint for Protected {
    fn access(&self) -> Option<RouteAccess> {
        Some(self.access)
    }

    fn handle<'a>(&'a self, request: Request, outcome: &'a mut RequestOutcome) -> ResponseFuture<'a> {
        self.answer(request, outcome).boxed()
    }
}
