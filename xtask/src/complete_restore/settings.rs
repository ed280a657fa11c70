//! Applies the template's settings that a restore leaves out.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use resource_api::repository::sdk::Client;
use resource_api::repository::sdk::error::SdkError;
use resource_api::repository::sdk::operation::describe_table::DescribeTableError;
use resource_api::repository::sdk::types::{
    PointInTimeRecoverySpecification, RestoreSummary, TableDescription, TableStatus, TimeToLiveSpecification,
    TimeToLiveStatus,
};
use testing::{Table, ensure_same, stream_specification};
use tokio::time::{Instant, sleep};

/// How long a table may take to become active after a change.
const ACTIVE_WITHIN: Duration = Duration::from_mins(10);
/// The interval at which its status is read.
const POLL: Duration = Duration::from_secs(1);

/// DynamoDB's description of a table; `None` if it does not exist.
pub(super) async fn describe(client: &Client, name: &str) -> Result<Option<TableDescription>> {
    match client.describe_table().table_name(name).send().await {
        Ok(described) => Ok(described.table),
        Err(SdkError::ServiceError(error))
            if matches!(error.err(), DescribeTableError::ResourceNotFoundException(_)) =>
        {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("cannot describe the table {name}")),
    }
}

/// Waits until a table is active, and returns its description. Fails if it is being restored, which can take
/// hours.
pub(super) async fn wait_until_active(client: &Client, name: &str) -> Result<TableDescription> {
    let deadline = Instant::now() + ACTIVE_WITHIN;
    loop {
        let table = describe(client, name).await?.with_context(|| format!("there is no table {name}"))?;
        let restoring = table.restore_summary().is_some_and(RestoreSummary::restore_in_progress);
        ensure!(
            !restoring,
            "{name} is still being restored; run the command again when its status is ACTIVE"
        );
        match table.table_status() {
            Some(TableStatus::Active) => return Ok(table),
            Some(TableStatus::Creating | TableStatus::Updating) => {}
            status => bail!(
                "the status of the table {name} is {}; run the command again when it is ACTIVE",
                status.map_or("unknown", TableStatus::as_str)
            ),
        }
        ensure!(Instant::now() < deadline, "{name} did not become active within {ACTIVE_WITHIN:?}");
        sleep(POLL).await;
    }
}

/// Applies missing settings to a restored table. Returns the ARN of its stream, if the template declares one.
pub(super) async fn complete(client: &Client, name: &str, definition: &Table) -> Result<Option<String>> {
    let table = wait_until_active(client, name).await?;
    ensure_same(&table, definition)?;
    let wanted = stream_specification(definition)?;
    if let Some(wanted) = &wanted {
        match table.stream_specification().filter(|stream| stream.stream_enabled()) {
            None => {
                let update = client.update_table().table_name(name);
                update
                    .stream_specification(wanted.clone())
                    .send()
                    .await
                    .context("cannot enable the stream")?;
            }
            Some(stream) => {
                let (found, wanted) = (stream.stream_view_type(), wanted.stream_view_type());
                ensure!(found == wanted, "the view type of its stream is {found:?}, not {wanted:?}");
            }
        }
    }
    set_ttl(client, name, definition).await?;
    if definition.point_in_time_recovery_specification.is_some_and(|it| it.point_in_time_recovery_enabled) {
        let enabled = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true);
        let update = client.update_continuous_backups().table_name(name);
        let update = update.point_in_time_recovery_specification(enabled.build()?).send().await;
        update.context("cannot enable point-in-time recovery")?;
        // DynamoDB accepts one update of a table at a time.
        wait_until_active(client, name).await?;
        let update = client.update_table().table_name(name).deletion_protection_enabled(true);
        update.send().await.context("cannot enable deletion protection")?;
    }
    let arn = wait_until_active(client, name).await?.latest_stream_arn;
    if wanted.is_none() {
        return Ok(None);
    }
    arn.map(Some).context("its stream has no ARN")
}

/// Enables the TTL of a table, unless it is enabled already.
pub(super) async fn set_ttl(client: &Client, name: &str, definition: &Table) -> Result<()> {
    let Some(ttl) = &definition.time_to_live_specification else { return Ok(()) };
    let described =
        client.describe_time_to_live().table_name(name).send().await.context("cannot read the TTL")?;
    if let Some(found) = described.time_to_live_description()
        && matches!(found.time_to_live_status(), Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
    {
        let attribute = found.attribute_name().unwrap_or_default();
        ensure!(
            attribute == ttl.attribute_name,
            "its TTL attribute is {attribute}, not {}",
            ttl.attribute_name
        );
        return Ok(());
    }
    let enabled = TimeToLiveSpecification::builder().enabled(true).attribute_name(&ttl.attribute_name);
    let update = client.update_time_to_live().table_name(name).time_to_live_specification(enabled.build()?);
    update.send().await.context("cannot enable the TTL")?;
    Ok(())
}
