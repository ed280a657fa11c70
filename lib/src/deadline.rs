//! How much time the running request has left: what Lambda gave its invocation, less what the answer itself takes.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Timestamp;

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Kept for the response: to serialize it, to log it, and to send it to the gateway.
const RESERVE: Duration = Duration::from_millis(500);
/// What a request has where nobody says: outside of Lambda.
const DEFAULT: Duration = Duration::from_secs(10);

/// Runs a request that Lambda ends at a time, in milliseconds since the Unix epoch. A time that has passed already, as
/// `cargo lambda watch` gives it, says nothing.
pub async fn within<F: Future>(lambda_deadline: u64, request: F) -> F::Output {
    let now = Timestamp::now().as_microseconds() / 1000;
    let left = match lambda_deadline.checked_sub(now) {
        None | Some(0) => DEFAULT,
        Some(left) => Duration::from_millis(left),
    };
    DEADLINE.scope(Instant::now() + left.saturating_sub(RESERVE), request).await
}

/// What the running request has left. Outside of a request, as much as one has at first.
pub fn time_left() -> Duration {
    DEADLINE.try_with(|deadline| deadline.saturating_duration_since(Instant::now())).unwrap_or(DEFAULT)
}
