//! The time that the running request has left: until Lambda's deadline for its invocation, less a reserve for
//! the response.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Timestamp;

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Reserved to serialize the response, to log it, and to send it to the gateway.
const RESERVE: Duration = Duration::from_millis(500);
/// The time of a request without a deadline: outside of Lambda.
const DEFAULT: Duration = Duration::from_secs(10);

/// Runs a request with Lambda's deadline, in milliseconds since the Unix epoch. One that has passed already,
/// as `cargo lambda watch` sets it, is ignored.
pub async fn within<F: Future>(lambda_deadline: u64, request: F) -> F::Output {
    let now = Timestamp::now().as_microseconds() / 1000;
    let left = match lambda_deadline.checked_sub(now) {
        None | Some(0) => DEFAULT,
        Some(left) => Duration::from_millis(left),
    };
    DEADLINE.scope(Instant::now() + left.saturating_sub(RESERVE), request).await
}

/// The time that the running request has left; outside of a request 10 s.
pub fn time_left() -> Duration {
    DEADLINE.try_with(|deadline| deadline.saturating_duration_since(Instant::now())).unwrap_or(DEFAULT)
}
