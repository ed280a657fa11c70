//! `process-changes`: the effects of changes, however often and in whatever order their records are
//! delivered.

mod dead_letters;
mod events;
mod moto;
mod outages;
mod poison;
mod reindex;
mod replays;
mod restored;

use std::collections::{BTreeMap, BTreeSet};

use resource_api::cache::Cache;
use resource_api::domain::{Role, Shards};
use resource_api::repository::sdk::types::AttributeValue;
use resource_api::repository::{HistoryRepository, SearchRepository, sdk};
use resource_api::service::ChangeProcessor;
use serde_json::{Value, json};
use testing::TestStore;

use crate::app;
use crate::app::following::DELIVERY;
use crate::app::{App, Call};
use crate::logs::Log;

/// A processor of changes to the resources of one store that writes to the tables of another.
fn processor(resources: &TestStore, derived: &TestStore, client: &sdk::Client) -> ChangeProcessor {
    let search = SearchRepository::new(client.clone(), derived.table("SearchTable"));
    let history = HistoryRepository::new(client.clone(), derived.table("HistoryTable"));
    ChangeProcessor::new(app::resources(resources, Shards::default()), search, history, Cache::default())
}

/// All records of an API's stream, in order.
pub(crate) async fn records(app: &App) -> Vec<Value> {
    let mut source = app.store.changes(DELIVERY).await.unwrap();
    let records = std::sync::Mutex::new(Vec::new());
    let take = async |event: &Value| {
        records.lock().unwrap().extend(event["Records"].as_array().unwrap().clone());
        Some(json!({ "batchItemFailures": [] }))
    };
    source.deliver(take, async |letter| panic!("given up: {letter}")).await.unwrap();
    records.into_inner().unwrap()
}

/// The cost of each change of a resource of up to 1 KB, as in ARCHITECTURE.md.
#[tokio::test]
async fn each_change_takes_the_units_that_the_architecture_says() {
    let app = App::followed().await;
    let id = app.created(json!({ "name": "alpha beta" })).await["id"].as_str().unwrap().to_owned();
    let path = &format!("/api/resources/{id}");
    let (all, no_words) = ("BatchGetItem:1,BatchWriteItem:2", "BatchGetItem:1,BatchWriteItem:1");
    let purged = "BatchGetItem:1,BatchWriteItem:2,Query:1";
    let cases = [
        (app.get(path), all, 3.0),
        (app.patch(path, &json!({ "name": "gamma delta" })), all, 5.0),
        (app.patch(path, &json!({ "status": "draft" })), all, 3.0),
        (app.delete(path), all, 3.0),
        (app.post(&format!("{path}/restore"), &json!({})), all, 3.0),
        (app.delete(&format!("{path}?purge=true")).role(Role::Admin), purged, 7.0),
    ];
    let followed = async |number: usize, call: Call<'_>, operations: &str, units: f64| {
        assert!(call.await.status < 300, "case {number}");
        let log = Log::start();
        app.follow().await;
        let line = log.lines().pop().unwrap();
        assert_eq!(line["dynamodb_operations"], operations, "case {number}");
        if app.store.counts_units() {
            assert_eq!(line["dynamodb_write_units"], units, "case {number}");
        }
    };
    for (number, (call, operations, units)) in cases.into_iter().enumerate() {
        followed(number, call, operations, units).await;
    }
    // A change that does not affect the search entry.
    let other = app.created(json!({ "name": "alpha" })).await["id"].as_str().unwrap().to_owned();
    app.follow().await;
    let describe = app.patch(&format!("/api/resources/{other}"), &json!({ "description": "d" }));
    followed(6, describe, no_words, 1.0).await;
}

/// Every item of a table, in a comparable form.
#[expect(clippy::disallowed_methods, reason = "no function runs this")]
async fn items(store: &TestStore, table: &str) -> BTreeSet<String> {
    let mut items = BTreeSet::new();
    let mut pages = store.client().scan().table_name(store.table(table)).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = item.unwrap();
        items.insert(text(&AttributeValue::M(item)));
    }
    items
}

/// A value as text, with the members of maps sorted.
fn text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(members) => {
            let members: BTreeMap<_, _> = members.iter().map(|(name, value)| (name, text(value))).collect();
            format!("{members:?}")
        }
        value => format!("{value:?}"),
    }
}
