//! The same records repeated, in other orders and in batches that fail half-way: search, history and events
//! are the same.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use functions::KINDS;
use proptest::prelude::*;
use proptest::sample::Index;
use resource_api::aws;
use resource_api::domain::Role;
use resource_api::repository::sdk::Client;
use resource_api::repository::sdk::config::retry::RetryConfig;
use serde_json::{Value, json};
use testing::{Faults, RecordingBus, dynamodb_proxy, local_config};

use super::{items, processor, records};
use crate::app::App;
use crate::app::client;
use crate::app::following::{function, invoke, publisher};

const NAMES: [&str; 6] = ["alpha", "alpha beta", "beta gamma", "Álpha gamma gamma", "四半期 beta", "!"];

#[derive(Debug, Clone)]
enum Operation {
    Create(usize),
    Rename(Index, usize),
    Describe(Index),
    Delete(Index),
    Restore(Index),
    Purge(Index),
}

fn operation() -> impl Strategy<Value = Operation> {
    let name = 0..NAMES.len();
    prop_oneof![
        3 => name.clone().prop_map(Operation::Create),
        4 => (any::<Index>(), name).prop_map(|(at, name)| Operation::Rename(at, name)),
        1 => any::<Index>().prop_map(Operation::Describe),
        2 => any::<Index>().prop_map(Operation::Delete),
        2 => any::<Index>().prop_map(Operation::Restore),
        1 => any::<Index>().prop_map(Operation::Purge),
    ]
}

async fn apply(app: &App, ids: &mut Vec<String>, operation: &Operation) {
    let path = |at: &Index| format!("/api/resources/{}", ids[at.index(ids.len())]);
    match operation {
        Operation::Create(name) => {
            let created = app.created(json!({ "name": NAMES[*name] })).await;
            ids.push(created["id"].as_str().unwrap().to_owned());
        }
        // Some of these fail, because the resource is deleted, not deleted, or purged.
        _ if ids.is_empty() => {}
        Operation::Rename(at, name) => _ = app.patch(&path(at), &json!({ "name": NAMES[*name] })).await,
        Operation::Describe(at) => _ = app.patch(&path(at), &json!({ "description": ids.len() })).await,
        Operation::Delete(at) => _ = app.delete(&path(at)).await,
        Operation::Restore(at) => _ = app.post(&format!("{}/restore", path(at)), &json!({})).await,
        Operation::Purge(at) => {
            _ = app.delete(&format!("{}?purge=true", path(at))).role(Role::Admin).await;
        }
    }
}

fn resource_of(record: &Value) -> String {
    record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned()
}

/// The same records in another order, except within each resource, and some of them twice.
fn shuffled(records: &[Value]) -> Vec<Value> {
    let mut queues: BTreeMap<String, VecDeque<Value>> = BTreeMap::new();
    for record in records {
        queues.entry(resource_of(record)).or_default().push_back(record.clone());
    }
    let mut shuffled: Vec<Value> = Vec::new();
    while !queues.is_empty() {
        let at = fastrand::usize(..queues.len());
        let resource = queues.keys().nth(at).unwrap().clone();
        let queue = queues.get_mut(&resource).unwrap();
        shuffled.extend(queue.pop_front());
        if queue.is_empty() {
            queues.remove(&resource);
        }
        if fastrand::u8(..4) == 0 {
            shuffled.push(shuffled[fastrand::usize(..shuffled.len())].clone());
        }
    }
    shuffled
}

/// The events by id. Repeated ones must be equal.
fn said(bus: &RecordingBus) -> BTreeMap<String, Value> {
    let mut said = BTreeMap::new();
    for entry in bus.entries() {
        let id = entry["Detail"]["id"].as_str().unwrap().to_owned();
        let before = said.insert(id, entry.clone());
        assert!(before.is_none_or(|before| before == entry), "{entry}");
    }
    said
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_told_again_changes_nothing(operations in prop::collection::vec(operation(), 1..40)) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let app = App::followed().await;
            let mut ids = Vec::new();
            for operation in &operations {
                apply(&app, &mut ids, operation).await;
            }
            let records = records(&app).await;
            let once = RecordingBus::start(0.0).await.unwrap();
            let in_order = processor(&app.store, &app.store, &client(&app.store));
            let event = json!({ "Records": records });
            invoke(&function(Arc::new(in_order), KINDS), &event).await.unwrap();
            invoke(&publisher(&once.config()), &event).await.unwrap();

            let derived = app.store.sibling().await.unwrap();
            let faults: Faults = "error=0.15,lose-response=0.1,partial=0.1".parse().unwrap();
            let proxy = dynamodb_proxy(app.store.endpoint(), move |_| faults.next()).await.unwrap();
            let client = aws::dynamodb_from(&local_config(&proxy));
            let config = client.config().to_builder().retry_config(RetryConfig::disabled());
            let often = RecordingBus::start(0.1).await.unwrap();
            let client = Client::from_conf(config.build());
            let function = function(Arc::new(processor(&app.store, &derived, &client)), KINDS);
            let publisher = publisher(&often.config());
            let mut failures = 0;
            for round in 0..2 {
                let shuffled = shuffled(&records);
                let mut rest = &shuffled[..];
                while !rest.is_empty() {
                    let (batch, later) = rest.split_at(fastrand::usize(1..=rest.len().min(20)));
                    let event = json!({ "Records": batch });
                    let followed = invoke(&function, &event).await.is_some();
                    if invoke(&publisher, &event).await.is_some() && followed {
                        rest = later;
                    } else {
                        failures += 1;
                    }
                }
                for table in ["SearchTable", "HistoryTable"] {
                    let (expected, found) = (items(&app.store, table).await, items(&derived, table).await);
                    prop_assert_eq!(found, expected, "{} in round {}, {} failures", table, round, failures);
                }
            }
            let (once_said, often_said) = (said(&once), said(&often));
            prop_assert_eq!(once.entries().len(), once_said.len());
            prop_assert_eq!(&often_said, &once_said);
            prop_assert_eq!(once_said.len(), records.len());
            for id in ids {
                let created = format!("{id}:1");
                prop_assert!(once_said.contains_key(&created));
            }
            Ok(())
        })?;
    }
}
