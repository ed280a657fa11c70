//! How long a command waits for a store that does not answer.

use std::time::Duration;

use anyhow::{Result, anyhow};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use resource_api::domain::Timestamp;
use resource_api::{Error, deadline};

/// How long a command waits when nobody says.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How long a command waits for the first answer: where nobody is, it says so soon.
pub(crate) const FIRST_PATIENCE: Duration = Duration::from_secs(10);

/// Gives calls to the store so much time.
pub(crate) fn within<'a, T: 'a>(
    patience: Duration,
    calls: impl Future<Output = Result<T, Error>> + 'a,
) -> LocalBoxFuture<'a, Result<T>> {
    let now = Timestamp::now().as_microseconds() / 1000;
    let until = now.saturating_add(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX));
    async move { deadline::within(until, calls).await.map_err(|error| anyhow!(error.chain())) }.boxed_local()
}
