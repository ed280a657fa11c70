//! The one policy for what is tried again: exponential backoff with full jitter.
//!
//! Tried again is what may succeed later: throttles, timeouts and lost connections (by the SDK, which is configured from
//! here), keys and items that a batch left, changes that another came before, and key sets. Each is tried again in one
//! place, so that no layer multiplies the attempts of another; but for the batches of a stream, which nobody waits for, and
//! which are tried again while the store is not there. Nothing else is.

use std::time::Duration;

use crate::deadline;

/// How often a call to DynamoDB is made at most.
pub const CALL_ATTEMPTS: u32 = 3;
/// How often a change is made anew at most, when another came first each time.
pub const CONFLICT_RETRIES: usize = 40;
/// How often a key set is fetched again at most.
pub const FETCH_RETRIES: usize = 2;
/// The longest wait before the first retry, doubled with each further one.
pub const MIN_BACKOFF: Duration = Duration::from_millis(50);
/// The longest wait before any.
pub const MAX_BACKOFF: Duration = Duration::from_millis(500);

/// The waits of one call: between nothing and a bound that doubles, so that callers who failed together do not come back
/// together. Ends after so many, and before the request's deadline.
#[derive(Debug, Clone)]
pub struct Backoff {
    retries: usize,
    bound: Duration,
}

impl Backoff {
    /// At most so many waits.
    pub fn of(retries: usize) -> Self {
        Self { retries, bound: MIN_BACKOFF }
    }

    /// As many waits as there is time for.
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
