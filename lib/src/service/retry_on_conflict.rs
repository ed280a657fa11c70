//! Retries of changes that conflict with concurrent ones (optimistic locking).

use backon::Retryable;

use crate::Error;
use crate::retry::{Backoff, CONFLICT_RETRIES};
use crate::telemetry::usage;

/// Retries a change while it fails with a write conflict, within the time of the request.
pub(super) async fn retry_on_conflict<T, F>(attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let attempts = attempt.retry(Backoff::of(CONFLICT_RETRIES));
    attempts.when(|error| matches!(error, Error::WriteConflict)).notify(|_, _| usage::count_conflict()).await
}
