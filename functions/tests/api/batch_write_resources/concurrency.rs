//! Batches while others read and write the same resources.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};
use resource_api::repository::sdk::types::{AttributeValue, Get, TransactGetItem};
use serde_json::json;

use super::{PATH, created, operations};
use crate::app::App;

/// A `TransactGetItems` of all resources of a batch sees all of its changes, or none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_seen_whole_or_not_at_all() {
    let app = App::start().await;
    let ids = created(&app, 100).await;
    let table = app.store.table("ResourcesTable");
    let get = |id: &String| {
        let key = AttributeValue::S(format!("default#resources#{id}"));
        TransactGetItem::builder()
            .get(Get::builder().table_name(&table).key("pk", key).build().unwrap())
            .build()
    };
    let gets: Vec<_> = ids.iter().map(get).collect();
    let read = async || {
        let read = app.store.client().transact_get_items().set_transact_items(Some(gets.clone())).send();
        // A read that conflicts with the transaction is ignored.
        let Ok(output) = read.await else { return None };
        let versions = output.responses().iter().map(|response| response.item().unwrap()["version"].clone());
        let versions: BTreeSet<_> = versions.map(|version| version.as_n().unwrap().clone()).collect();
        assert_eq!(versions.len(), 1, "{versions:?}");
        versions.into_iter().next()
    };
    let write = async {
        for number in 0..10 {
            let update =
                |id: &String| json!({ "op": "update", "id": id, "body": { "name": format!("{number}") } });
            let batch: Vec<_> = ids.iter().map(update).collect();
            app.post(PATH, &operations(&batch)).await.data(200);
        }
    };
    let reads = async {
        let mut seen = BTreeSet::new();
        for _ in 0..40 {
            seen.extend(read().await);
        }
        seen
    };
    let ((), seen) = join(write, reads).await;
    assert!(!seen.is_empty());
    assert_eq!(read().await.as_deref(), Some("11"));
}

/// Concurrent batches on the same resources are all applied.
#[tokio::test]
async fn batches_at_once_are_all_applied() {
    let app = App::start().await;
    let ids = created(&app, 3).await;
    let (app, ids) = (&app, &ids);
    let batches = (0..8).map(|number| async move {
        let update = |id: &String| {
            json!({ "op": "update", "id": id, "body": { "attributes": { format!("a{number}"): number } } })
        };
        let batch: Vec<_> = ids.iter().rev().map(update).collect();
        app.post(PATH, &operations(&batch)).await.data(200).clone()
    });
    join_all(batches).await;
    let response = app.post("/api/resources/batch-get", &json!({ "ids": ids })).await;
    for resource in response.data(200).as_array().unwrap() {
        assert_eq!(resource["version"], 9);
        assert_eq!(resource["attributes"].as_object().unwrap().len(), 8);
    }
}
