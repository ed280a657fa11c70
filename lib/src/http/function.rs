//! The pipeline of a request: from the gateway's event to its response, with one log line.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::http::HeaderName;
use lambda_runtime::Context;
use tracing::Instrument as _;

use super::endpoint::{Endpoint, Protected, Public, RequestOutcome};
use super::guard::{Guard, with_rate_limit};
use super::{Request, Response, RouteAccess, compression, gateway_event, problem};
use crate::config::{MetricsConfig, Stage};
use crate::domain::{API_KEY_SUBJECT, BucketKey, Caller, Kinds, Timestamp};
use crate::telemetry::{RequestContext, RequestLog, cold_start, usage};
use crate::{Error, deadline};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The stage of a function until `on` sets another.
const DEPLOYED: Stage = Stage { is_local: false };

/// A Lambda function: its name and its endpoint.
pub struct Function {
    name: &'static str,
    endpoint: Box<dyn Endpoint>,
    /// The kinds that its path may name; `None` for a public function.
    kinds: Option<Kinds>,
    stage: Stage,
    /// The dimensions of the metrics in the log line of each request; `None` for lines without metrics.
    metrics: Option<MetricsConfig>,
}

impl Function {
    /// A public function.
    pub fn public<F>(name: &'static str, handler: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Response, Error>> + Send + 'static,
    {
        Self { name, endpoint: Box::new(Public::new(handler)), kinds: None, stage: DEPLOYED, metrics: None }
    }

    /// A function behind a guard, for resources of these kinds. Its handler requires a caller.
    pub fn protected<S: Send + Sync + 'static, F>(
        name: &'static str,
        kinds: Kinds,
        access: RouteAccess,
        guard: Arc<Guard>,
        state: Arc<S>,
        handler: impl Fn(Arc<S>, Caller, Request) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Response, Error>> + Send + 'static,
    {
        let handler = move |caller, request| handler(Arc::clone(&state), caller, request);
        Self {
            name,
            endpoint: Box::new(Protected::new(access, guard, handler)),
            kinds: Some(kinds),
            stage: DEPLOYED,
            metrics: None,
        }
    }

    /// Sets the stage. The default is a deployed one.
    #[must_use]
    pub fn on(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    /// Adds metrics with these dimensions to the log line of each request; `None`, the default, adds none.
    #[must_use]
    pub fn measured(self, metrics: Option<MetricsConfig>) -> Self {
        Self { metrics, ..self }
    }

    /// Handles one event of an HTTP API (payload format 2.0). Every error becomes a response.
    pub async fn respond(&self, payload: &str, context: &Context) -> ApiGatewayV2httpResponse {
        let started = Instant::now();
        let received = gateway_event::parse(payload, Timestamp::now());
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
            Ok(request) => (request.method.to_string(), request.path.clone()),
            // A payload that is not an event of the gateway has neither.
            Err(_) => (String::new(), String::new()),
        };
        let takes_gzip = request.as_ref().is_ok_and(|request| compression::takes_gzip(&request.headers));
        let span = identity.span();
        async {
            let mut outcome = RequestOutcome::default();
            // A panic becomes an internal error. The panic hook has logged its location.
            let handled = AssertUnwindSafe(self.handle(request, &mut outcome)).catch_unwind();
            let handled = deadline::within(context.deadline, handled);
            let (handled, usage) = usage::measured(identity.scope(handled)).await;
            let result = handled.unwrap_or_else(|_| Err(Error::defect("the request's handling panicked")));
            let (mut response, error) = match result {
                Ok(response) => (response, None),
                Err(error) => (problem::response(&error, &path, &identity.request_id), Some(error)),
            };
            if let Some(cache) = usage.cache {
                response = response.with_header(X_CACHE, cache.as_str());
            }
            if let Some(decision) = &outcome.decision {
                response = with_rate_limit(response, decision);
            }
            if takes_gzip {
                response = response.in_gzip();
            }
            let caller = outcome.caller.as_ref().zip(self.endpoint.access());
            RequestLog {
                route: self.name,
                method: &method,
                path: &path,
                status: response.status().as_u16(),
                code: error.as_ref().map(|error| problem::problem_type(error).code),
                api_key: caller.and_then(|(caller, _)| caller.subject.strip_prefix(API_KEY_SUBJECT)),
                caller: caller.map(|(caller, access)| BucketKey::new(caller, access.class)),
                duration: started.elapsed(),
                cold_start: cold_start(),
                usage,
                error: error.as_ref().filter(|error| problem::is_for_the_log(error)),
            }
            .write(&identity, self.metrics.as_ref());
            response
                .with_header(REQUEST_ID, &identity.request_id)
                .with_header(TRACEPARENT, &identity.trace.to_string())
                .with_security_headers(self.stage)
                .into_gateway_response()
        }
        .instrument(span)
        .await
    }

    async fn handle(
        &self,
        request: Result<Request, Error>,
        outcome: &mut RequestOutcome,
    ) -> Result<Response, Error> {
        let mut request = request?;
        if let Some(kinds) = self.kinds {
            request.find_kind(kinds)?;
        }
        self.endpoint.handle(request, outcome).await
    }
}
