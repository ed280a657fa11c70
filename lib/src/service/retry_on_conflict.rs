//! Retries of a change that another one came before (optimistic locking).

use backon::Retryable;

use crate::Error;
use crate::retry::{Backoff, CONFLICT_RETRIES};
use crate::telemetry::usage;

/// Attempts a change again for as long as it fails with a write conflict and there is time.
pub(super) async fn retry_on_conflict<T, F>(attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let attempts = attempt.retry(Backoff::of(CONFLICT_RETRIES));
    attempts.when(|error| matches!(error, Error::WriteConflict)).notify(|_, _| usage::count_conflict()).await
}
