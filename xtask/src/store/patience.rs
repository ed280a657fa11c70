//! How long a command waits for DynamoDB.

use std::time::Duration;

use anyhow::{Result, anyhow};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use resource_api::domain::Timestamp;
use resource_api::{Error, deadline};

/// How long a command waits if DynamoDB does not respond.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How long a command waits for the first response, so that it fails soon if there is no DynamoDB.
pub(crate) const FIRST_PATIENCE: Duration = Duration::from_secs(10);

/// Runs calls to DynamoDB with a deadline.
pub(crate) fn within<'a, T: 'a>(
    patience: Duration,
    calls: impl Future<Output = Result<T, Error>> + 'a,
) -> LocalBoxFuture<'a, Result<T>> {
    let now = Timestamp::now().as_microseconds() / 1000;
    let until = now.saturating_add(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX));
    async move { deadline::within(until, calls).await.map_err(|error| anyhow!(error.chain())) }.boxed_local()
}
