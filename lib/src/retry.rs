//! The policy of retries: exponential backoff with full jitter.
//!
//! Only transient failures are retried, each at one layer, so that attempts do not multiply:
//!
//! - throttles, timeouts and lost connections by the SDK, which is configured from here;
//! - unprocessed keys and items, and events that were not accepted, by the sender of their batch;
//! - conflicts with concurrent changes by the service;
//! - the fetch of a key set by `auth`.
//!
//! The exceptions are batches of a stream and imports, for which no client waits: while DynamoDB does not
//! respond, they are also retried as a whole. Writes to the cache have a second attempt of their own
//! (`cache/server.rs`).

use std::time::Duration;

use crate::deadline;

/// The maximum number of attempts of a call to DynamoDB or EventBridge.
pub const CALL_ATTEMPTS: u32 = 3;
/// The maximum number of retries of a change after conflicts with concurrent changes.
pub const CONFLICT_RETRIES: usize = 40;
/// The maximum number of retries of the fetch of a key set.
pub const FETCH_RETRIES: usize = 2;
/// The longest wait before the first retry, doubled with each further one.
pub const MIN_BACKOFF: Duration = Duration::from_millis(50);
/// The longest wait before any retry.
pub const MAX_BACKOFF: Duration = Duration::from_millis(500);

/// The waits before the retries of one call. Each is random, between zero and a bound that doubles, so that
/// calls that failed together are not retried together. Ends after the last retry, or when a wait would reach
/// the request's deadline.
#[derive(Debug, Clone)]
pub struct Backoff {
    retries: usize,
    bound: Duration,
}

impl Backoff {
    /// At most this many waits.
    pub fn of(retries: usize) -> Self {
        Self { retries, bound: MIN_BACKOFF }
    }

    /// As many waits as fit before the request's deadline.
    pub fn until_the_deadline() -> Self {
        Self::of(usize::MAX)
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.retries = self.retries.checked_sub(1)?;
        let wait = self.bound.mul_f64(fastrand::f64());
        self.bound = (2 * self.bound).min(MAX_BACKOFF);
        (wait < deadline::time_left()).then_some(wait)
    }
}
