//! Invalid and lost entries: reads fall back to DynamoDB, and the cache is repaired.

use std::time::Duration;

use redis::AsyncCommands as _;
use rstest::rstest;
use serde_json::json;
use testing::{Fault, dynamodb_proxy};

use super::{body, check, connection, key_of, path_of, start};

/// Whatever the value at an entry's key is, the read falls back to DynamoDB, and the entry is replaced.
#[rstest]
#[case::nothing("")]
#[case::text("garbage")]
#[case::another_layout("0:00000000000000000009:{}")]
#[case::no_json("1:00000000000000000001:{")]
#[case::no_resource("1:00000000000000000001:{\"collection\":\"default#resources\"}")]
#[case::of_another_resource(OTHER)]
#[case::of_another_tenant(FOREIGN)]
#[case::another_version(TORN)]
#[case::bytes("\u{1}\u{80}")]
#[tokio::test]
async fn what_is_no_entry_of_this_resource_is_not_given(#[case] value: &str) {
    let Some((app, server)) = start(&[]).await else { return };
    let created = app.created(json!({ "name": "n" })).await;
    let id = created["id"].as_str().unwrap();
    let key = key_of(&app, id);
    let mut redis = connection(&server).await;
    let () = redis.set(&key, value.replace("ID", id)).await.unwrap();
    // The first read also discards the epoch; the second fills the entry.
    for (cache, operations) in [("miss", "GetItem:1"), ("miss", "GetItem:1"), ("hit", "")] {
        let read = check(app.get(&path_of(&created)), 200, cache, operations).await;
        assert_eq!(*read.data(200), created);
    }
}

const OTHER: &str = "1:00000000000000000009:{\"collection\":\"default#resources\",\"id\":\"019a1b2c-0000-7000-8000-000000000000\",\"resource\":null}";
const FOREIGN: &str =
    "1:00000000000000000009:{\"collection\":\"foreign#resources\",\"id\":\"ID\",\"resource\":null}";
const TORN: &str = "1:00000000000000000009:{\"collection\":\"default#resources\",\"id\":\"ID\",\"resource\":{\"status\":\"active\",\
    \"values\":{\"name\":\"x\",\"description\":null,\"attributes\":{},\"related_ids\":[]},\"version\":3,\"updated_at\":\"2026-11-22T00:00:00.000Z\",\
    \"created_by\":\"x\",\"updated_by\":\"x\"}}";

#[tokio::test]
async fn a_value_of_another_type_is_replaced() {
    let Some((app, server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let key = key_of(&app, created["id"].as_str().unwrap());
    let mut redis = connection(&server).await;
    let () = redis.del(&key).await.unwrap();
    let () = redis.lpush(&key, "x").await.unwrap();
    check(app.get(&path_of(&created)), 200, "miss", "GetItem:1").await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
}

#[tokio::test]
async fn an_epoch_of_another_type_is_replaced() {
    let Some((app, server)) = start(&[]).await else { return };
    let mut redis = connection(&server).await;
    let () =
        redis.lpush(format!("resource-api:{}:epoch", app.store.table("ResourcesTable")), "x").await.unwrap();
    let created = app.created(body()).await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
    let patched = app.patch(&path_of(&created), &json!({ "name": "m" })).await;
    let read = check(app.get(&path_of(&created)), 200, "hit", "").await;
    assert_eq!(read.data(200), patched.data(200));
}

/// A reader that was slower than a flush does not store a version that has been replaced since.
#[tokio::test]
async fn a_flush_in_mid_flight_brings_nothing_old_back() {
    let Some((app, server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let path = path_of(&created);
    let mut redis = connection(&server).await;
    let () = redis.del(key_of(&app, created["id"].as_str().unwrap())).await.unwrap();
    // The reader misses the cache and reads version 1, and its response is delayed.
    let (asked, mut arrived) = tokio::sync::mpsc::unbounded_channel();
    let slow = dynamodb_proxy(app.store.endpoint(), move |_| {
        let _ = asked.send(());
        Fault::DelayResponse(Duration::from_secs(1))
    });
    let slow = app.through(&slow.await.unwrap()).await;
    let slow_path = path.clone();
    let reading = tokio::spawn(async move { slow.get(&slow_path).await.data(200)["version"].clone() });
    arrived.recv().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    app.patch(&path, &json!({ "name": "m" })).await.data(200);
    let () = redis.flushall().await.unwrap();
    assert_eq!(reading.await.unwrap(), 1);
    for _ in 0..3 {
        assert_eq!(app.get(&path).await.data(200)["version"], 2);
    }
}
