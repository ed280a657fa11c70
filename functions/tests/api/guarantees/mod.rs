//! Unique values and required references.

mod costs;
mod deaths;
mod declared_later;
mod references;
mod under_fire;
mod unique_values;

use std::collections::HashSet;

use resource_api::domain::{Field, Kind, Kinds, ResourceKey, Shards, UniqueValue};
use resource_api::repository::{Item, StoredUniqueValue, resource_key};
use serde_json::{Value, json};
use testing::TestStore;

use crate::app::App;

/// Seats of halls: two values that are unique together, a long text that is unique alone, and required
/// references.
const SEATS: Kind = Kind::new("seats", "seat")
    .fields(&[
        Field::text("hall").required().length(1, 100),
        Field::integer("number"),
        Field::text("code").length(0, 2000),
        Field::references("near_ids", &Field::each_reference("seats"))
            .length(0, 100)
            .default("[]")
            .must_exist()
            .unlisted(),
    ])
    .unique(&[&["hall", "number"], &["code"]]);

const SEATS_ONLY: Kinds = Kinds::of(&[&SEATS]);

/// Every item of a table.
#[expect(clippy::disallowed_methods, reason = "a test looks at all there is")]
pub(crate) async fn items(store: &TestStore, table: &str) -> Vec<Item> {
    let pages = store.client().scan().table_name(store.table(table)).into_paginator().items().send();
    pages.collect::<Result<_, _>>().await.unwrap()
}

/// Checks that the stored unique values are exactly those of living resources, and that no two resources
/// share one.
async fn assert_unique_values_are_exact(store: &TestStore, kinds: Kinds) {
    let keys = items(store, "ResourcesTable").await;
    let keys = keys.iter().filter_map(|item| resource_key(item, kinds).unwrap());
    let resources = crate::app::resources(store, Shards::default()).find_all(keys).await.unwrap();
    let mut values = HashSet::new();
    for ((collection, _), resource) in &resources {
        for value in UniqueValue::all_of(resource) {
            assert!(values.insert((collection, value)), "{resource:?} shares a value");
        }
    }
    let stored = items(store, "UniqueValuesTable").await;
    for item in &stored {
        let stored = StoredUniqueValue::of_item(item, kinds).unwrap().unwrap();
        let key: &ResourceKey = &stored.resource;
        let held = resources.get(key).map(UniqueValue::all_of).unwrap_or_default();
        assert!(stored.is_one_of(&held), "{item:?} is of no living resource");
    }
    assert_eq!(stored.len(), values.len());
}

/// The body of a new customer with an email address.
fn customer(email: &str) -> Value {
    json!({ "name": "n", "email": email })
}

/// Creates a customer with an email address.
async fn created(app: &App, email: &str) -> Value {
    app.post("/api/customers", &customer(email)).await.data(201).clone()
}

fn path(customer: &Value) -> String {
    format!("/api/customers/{}", customer["id"].as_str().unwrap())
}
