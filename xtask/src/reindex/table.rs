//! A table, and what identifies it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use resource_api::deadline;
use resource_api::domain::Timestamp;
use resource_api::repository::sdk::Client;
use resource_api::repository::sdk::config::timeout::TimeoutConfig;

/// How long the description of a table may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A table of a run.
pub(super) struct Table {
    pub(super) name: String,
    /// Its name and creation time, so that a position is not used for another table.
    pub(super) identity: String,
    /// The approximate number of items. DynamoDB counts about every six hours, so that it may be 0 for a new
    /// table.
    pub(super) items: u64,
}

impl Table {
    /// Describes the table with this name in the DynamoDB at an endpoint.
    pub(super) async fn describe(client: &Client, endpoint: &str, name: String) -> Result<Self> {
        // The embedded DynamoDB counts all items for a description. The call needs its own client, since the
        // override of a call's configuration is applied too late for the timeouts.
        let timeouts =
            TimeoutConfig::builder().operation_timeout(PATIENCE).operation_attempt_timeout(PATIENCE);
        let patient =
            Client::from_conf(client.config().to_builder().timeout_config(timeouts.build()).build());
        let described = patient.describe_table().table_name(&name).send();
        let until = Timestamp::now().as_microseconds() / 1000 + 1000 * PATIENCE.as_secs();
        let described = deadline::within(until, described).await.with_context(|| {
            format!(
                "cannot describe {name} in the DynamoDB at {endpoint}; `cargo xtask dev` creates the tables"
            )
        })?;
        let table = described.table.with_context(|| format!("{name} has no description"))?;
        let made = table.creation_date_time.map(|time| time.as_secs_f64()).unwrap_or_default();
        let items = table.item_count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        Ok(Self { identity: format!("{name} of {made}"), name, items })
    }
}
