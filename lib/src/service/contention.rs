//! What is done again when another change came first.

use backon::Retryable;

use crate::Error;
use crate::retry::{Backoff, CONTENTION_RETRIES};

/// Does something again for as long as it finds that another change came first, and there is time.
pub(super) async fn again_while_contended<T, F>(attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    attempt.retry(Backoff::of(CONTENTION_RETRIES)).when(|error| matches!(error, Error::Contended)).await
}
