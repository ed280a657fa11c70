//! What a request must pass: a verified token, a role with the route's permission, a bucket with tokens left.

use lambda_http::http::header::AUTHORIZATION;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};

use super::{Response, RouteAccess};
use crate::Error;
use crate::auth::Verifier;
use crate::domain::{Caller, Kind, RateLimitClass, Timestamp};
use crate::rate_limit::{Decision, Limiter};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Authentication, authorization and rate limit of every protected route.
#[derive(Debug)]
pub struct Guard {
    verifier: Verifier,
    limiter: Limiter,
}

impl Guard {
    /// A guard.
    pub fn new(verifier: Verifier, limiter: Limiter) -> Self {
        Self { verifier, limiter }
    }

    /// The caller that a request's token names.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub(super) async fn identify(&self, headers: &HeaderMap, now: Timestamp) -> Result<Caller, Error> {
        let authorization = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        self.verifier.verify(authorization, now).await
    }

    /// Whether the caller's role permits a route for resources of a kind. Nothing is looked up for it.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub(super) fn permit(caller: &Caller, kind: &Kind, access: RouteAccess) -> Result<(), Error> {
        Error::unless_permitted(caller, access.permission, kind)
    }

    /// Takes the request's tokens from the caller's bucket.
    pub(super) async fn limit(
        &self,
        caller: &Caller,
        class: RateLimitClass,
        cost: u32,
        now: Timestamp,
    ) -> Option<Decision> {
        self.limiter.take(caller, class, cost, now).await
    }

    /// What the caller's bucket holds, for an answer that took nothing from it.
    pub(super) fn peek(&self, caller: &Caller, class: RateLimitClass, now: Timestamp) -> Option<Decision> {
        self.limiter.peek(caller, class, now)
    }
}

/// The refusal that a decision may be.
///
/// # Errors
/// [`Error::RateLimited`].
pub(super) fn admitted(decision: Option<&Decision>) -> Result<(), Error> {
    match decision.and_then(|decision| decision.retry_after_seconds) {
        Some(retry_after_seconds) => Err(Error::RateLimited { retry_after_seconds }),
        None => Ok(()),
    }
}

/// Says what is left of the limit (draft-ietf-httpapi-ratelimit-headers).
pub(super) fn with_rate_limit(response: Response, decision: &Decision) -> Response {
    let class = decision.class.as_str();
    let (capacity, window) = (decision.limit.capacity(), decision.limit.refill_seconds());
    let (remaining, next) = (decision.remaining, decision.seconds_until_next);
    response
        .with_header(RATE_LIMIT_POLICY, &format!("\"{class}\";q={capacity};w={window}"))
        .with_header(RATE_LIMIT, &format!("\"{class}\";r={remaining};t={next}"))
}
