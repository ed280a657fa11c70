//! What is done again when another change came first.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use crate::{Error, deadline};

/// How often it is done again at most.
const MAX_RETRIES: usize = 40;
/// The wait before the first time, doubled each time up to the longest, and spread by jitter.
const MIN_BACKOFF: Duration = Duration::from_millis(10);
const MAX_BACKOFF: Duration = Duration::from_millis(100);

/// Does something again for as long as it finds that another change came first, and there is time.
pub(super) async fn again_while_contended<T, F>(attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let backoff = ExponentialBuilder::default()
        .with_min_delay(MIN_BACKOFF)
        .with_max_delay(MAX_BACKOFF)
        .with_max_times(MAX_RETRIES)
        .with_total_delay(Some(deadline::time_left()))
        .with_jitter();
    attempt.retry(backoff).when(|error| matches!(error, Error::Contended)).await
}
