//! Tests with moto's DynamoDB at `MOTO_ENDPOINT`, if it is set.

use resource_api::aws;
use resource_api::repository::sdk::types::TimeToLiveStatus;
use testing::{create_tables, local_config};

use super::*;

/// A table of the template after it was restored with a new name.
fn restored(logical_id: &str) -> String {
    format!("restored-{logical_id}")
}

#[tokio::test]
async fn moto_gives_restored_tables_the_settings_of_the_template() {
    let Ok(endpoint) = std::env::var("MOTO_ENDPOINT") else {
        eprintln!("skipped: MOTO_ENDPOINT is not set");
        return;
    };
    let client = aws::dynamodb_from(&local_config(&endpoint));
    let template = Template::of_workspace().unwrap();
    create_tables(&endpoint, &template, |logical_id| format!("source-{logical_id}")).await.unwrap();
    let missing = prepare(&client, &template, restored).await.unwrap_err().to_string();
    assert!(missing.contains("there is no table restored-ResourcesTable"), "{missing}");
    for logical_id in RESTORED {
        let restore = client.restore_table_to_point_in_time().use_latest_restorable_time(true);
        let restore = restore.source_table_name(format!("source-{logical_id}"));
        restore.target_table_name(restored(logical_id)).send().await.unwrap();
    }

    // The second time, as after an interruption, has the same result.
    for _ in 0..2 {
        let parameters = prepare(&client, &template, restored).await.unwrap();
        let resources = describe(&client, "restored-ResourcesTable").await.unwrap().unwrap();
        let arn = resources.latest_stream_arn().unwrap();
        let names = ["HistoryTable", "UniqueValuesTable", "SearchTable", "IdempotencyTable"];
        let names = names.map(|logical_id| format!("{logical_id}Name=restored-{logical_id}"));
        let of_resources =
            ["ResourcesTableName=restored-ResourcesTable", &format!("ResourcesTableStreamArn={arn}")];
        assert_eq!(parameters[..2], of_resources);
        assert_eq!(parameters[2..], names);
        let stream = resources.stream_specification().unwrap();
        assert_eq!(stream.stream_view_type().unwrap().as_str(), "NEW_AND_OLD_IMAGES");
    }
    for (logical_id, attribute) in
        [("ResourcesTable", Some("purge_at")), ("IdempotencyTable", Some("expires_at"))]
    {
        let ttl = client.describe_time_to_live().table_name(restored(logical_id)).send().await.unwrap();
        let ttl = ttl.time_to_live_description.unwrap();
        assert_eq!(ttl.time_to_live_status(), Some(&TimeToLiveStatus::Enabled), "{logical_id}");
        assert_eq!(ttl.attribute_name(), attribute);
    }
    for logical_id in RESTORED {
        let table = describe(&client, &restored(logical_id)).await.unwrap().unwrap();
        assert_eq!(table.deletion_protection_enabled(), Some(true), "{logical_id}");
        let backups =
            client.describe_continuous_backups().table_name(restored(logical_id)).send().await.unwrap();
        let backups = backups.continuous_backups_description.unwrap();
        let recovery = backups.point_in_time_recovery_description().unwrap();
        assert_eq!(recovery.point_in_time_recovery_status().unwrap().as_str(), "ENABLED", "{logical_id}");
    }
}
