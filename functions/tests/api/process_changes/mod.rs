//! `process-changes`: what follows changes, however often and in whatever order they are told.

mod events;
mod moto;
mod poison;
mod reindex;
mod replays;

use std::collections::BTreeSet;

use resource_api::domain::Shards;
use resource_api::events::EventBus;
use resource_api::repository::{HistoryRepository, SearchRepository, sdk};
use resource_api::service::ChangeProcessor;
use resource_api::testing::TestStore;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::following::DELIVERY;

/// What follows the changes of a store's resources, in the tables of another, with a client.
fn processor(
    resources: &TestStore,
    derived: &TestStore,
    client: &sdk::Client,
    bus: Option<EventBus>,
) -> ChangeProcessor {
    let search = SearchRepository::new(client.clone(), derived.table("SearchTable"));
    let history = HistoryRepository::new(client.clone(), derived.table("HistoryTable"));
    ChangeProcessor::new(resources.resources(Shards::default()), search, history, bus)
}

/// Every record of an API's stream, in its order.
async fn records(app: &App) -> Vec<Value> {
    let mut source = app.store.changes(DELIVERY).await.unwrap();
    let records = std::sync::Mutex::new(Vec::new());
    let take = async |event: &Value| {
        records.lock().unwrap().extend(event["Records"].as_array().unwrap().clone());
        Some(json!({ "batchItemFailures": [] }))
    };
    source.deliver(take, |letter| panic!("given up: {letter}")).await.unwrap();
    records.into_inner().unwrap()
}

/// Every item of a table, in a form that can be compared.
#[expect(clippy::disallowed_methods, reason = "no function runs this")]
async fn items(store: &TestStore, table: &str) -> BTreeSet<String> {
    let mut items = BTreeSet::new();
    let mut pages = store.client().scan().table_name(store.table(table)).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = item.unwrap();
        let sorted: std::collections::BTreeMap<_, _> = item.iter().collect();
        items.insert(format!("{sorted:?}"));
    }
    items
}
