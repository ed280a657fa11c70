//! The pipeline of a request: from the gateway's event to its response, with one log line.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::HeaderName;
use lambda_runtime::Context;
use tracing::Instrument as _;

use super::{Reply, Request, Route, event, problem};
use crate::Error;
use crate::domain::Timestamp;
use crate::telemetry::{RequestContext, RequestLog, cold_start, usage};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What answers a route's requests: an async function of the function's state and the request.
pub trait Handler<S>: Fn(Arc<S>, Request) -> Self::Answer + Send + Sync + 'static {
    /// The handler's future.
    type Answer: Future<Output = Result<Reply, Error>> + Send + 'static;
}

impl<S, H, F> Handler<S> for H
where
    H: Fn(Arc<S>, Request) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    type Answer = F;
}

/// One Lambda function: a route, its handler and what the handler works with.
#[derive(Debug)]
pub struct Function<S, H> {
    route: &'static Route,
    state: Arc<S>,
    handler: H,
}

impl<S, H: Handler<S>> Function<S, H> {
    /// A function.
    pub fn new(route: &'static Route, state: Arc<S>, handler: H) -> Self {
        Self { route, state, handler }
    }

    /// Answers one event of an HTTP API (payload format 2.0). Whatever happens, there is an answer.
    pub async fn respond(&self, payload: &str, context: &Context) -> ApiGatewayV2httpResponse {
        let started = Instant::now();
        let received = event::parse(payload, Timestamp::now());
        let (request, gateway_request_id) = match received {
            Ok(received) => (Ok(received.request), received.gateway_request_id),
            Err(error) => (Err(Error::defect(error)), None),
        };
        let identity = RequestContext::new(
            request.as_ref().ok().map(|request| &request.headers),
            gateway_request_id.as_deref(),
            context,
        );
        let (method, path) = match &request {
            Ok(request) => (request.method.clone(), request.path.clone()),
            Err(_) => (self.route.method.clone(), self.route.path.to_owned()),
        };
        let span = identity.span();
        async {
            let (result, usage) = usage::measured(self.handle(request)).await;
            let (reply, error) = match result {
                Ok(reply) => (reply, None),
                Err(error) => (problem::reply(&error, &path, &identity.request_id), Some(error)),
            };
            RequestLog {
                route: self.route.name,
                method: method.as_str(),
                path: &path,
                status: reply.status().as_u16(),
                code: error.as_ref().map(|error| problem::kind(error).1),
                duration: started.elapsed(),
                cold_start: cold_start(),
                usage,
                error: error.as_ref().filter(|_| reply.status().is_server_error()),
            }
            .write();
            reply
                .with_header(REQUEST_ID, &identity.request_id)
                .with_header(TRACEPARENT, &identity.trace.to_string())
                .into_gateway_response()
        }
        .instrument(span)
        .await
    }

    /// Runs the handler. A panic is an error like any other; the panic hook has logged where it came from.
    async fn handle(&self, request: Result<Request, Error>) -> Result<Reply, Error> {
        let request = request?;
        // Boxed, for with the SDK's calls inside it is large, and every layer above would grow by it.
        let handled = Box::pin(async { (self.handler)(Arc::clone(&self.state), request).await });
        match AssertUnwindSafe(handled).catch_unwind().await {
            Ok(result) => result,
            Err(_) => Err(Error::defect("the handler panicked")),
        }
    }
}
