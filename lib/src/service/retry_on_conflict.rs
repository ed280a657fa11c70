//! What is done again when another change came first.

use backon::Retryable;

use crate::Error;
use crate::retry::{Backoff, CONFLICT_RETRIES};

/// Does something again for as long as it finds that another change came first, and there is time.
pub(super) async fn retry_on_conflict<T, F>(attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    attempt.retry(Backoff::of(CONFLICT_RETRIES)).when(|error| matches!(error, Error::WriteConflict)).await
}
