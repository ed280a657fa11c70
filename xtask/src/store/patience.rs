//! How long a command waits for a store that does not answer.

use std::time::Duration;

use anyhow::{Result, anyhow};
use resource_api::domain::Timestamp;
use resource_api::{Error, deadline};

/// How long a command waits when nobody says.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Gives calls to the store so much time.
pub(crate) async fn within<T>(
    patience: Duration,
    calls: impl Future<Output = Result<T, Error>>,
) -> Result<T> {
    let now = Timestamp::now().as_microseconds() / 1000;
    let until = now.saturating_add(u64::try_from(patience.as_millis())?);
    deadline::within(until, calls).await.map_err(|error| anyhow!(error.chain()))
}
