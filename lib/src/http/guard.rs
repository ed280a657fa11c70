//! The guard of protected routes: the token is valid, the caller's role has the permission, and the bucket
//! has enough tokens.

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

    /// The caller that a request's token authenticates.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub(super) async fn identify(&self, headers: &HeaderMap, now: Timestamp) -> Result<Caller, Error> {
        let authorization = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        self.verifier.verify(authorization, now).await
    }

    /// Requires that the caller's role has the permission of a route for a kind. This makes no call.
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

    /// The state of the caller's bucket, for a response to a request that took no tokens.
    pub(super) fn peek(&self, caller: &Caller, class: RateLimitClass, now: Timestamp) -> Option<Decision> {
        self.limiter.peek(caller, class, now)
    }
}

/// Requires that the decision admits the request.
///
/// # Errors
/// [`Error::RateLimited`].
pub(super) fn admitted(decision: Option<&Decision>) -> Result<(), Error> {
    match decision.and_then(|decision| decision.retry_after_seconds) {
        Some(retry_after_seconds) => Err(Error::RateLimited { retry_after_seconds }),
        None => Ok(()),
    }
}

/// Adds the state of the bucket as headers (draft-ietf-httpapi-ratelimit-headers).
pub(super) fn with_rate_limit(response: Response, decision: &Decision) -> Response {
    let class = decision.class.as_str();
    let (capacity, window) = (decision.limit.capacity(), decision.limit.refill_seconds());
    let (remaining, next) = (decision.remaining, decision.seconds_until_next);
    response
        .with_header(RATE_LIMIT_POLICY, &format!("\"{class}\";q={capacity};w={window}"))
        .with_header(RATE_LIMIT, &format!("\"{class}\";r={remaining};t={next}"))
}
