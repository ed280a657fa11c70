//! Tables that were restored to a point in time: unique values, search and history are made consistent with
//! the restored resources.

use functions::KINDS;
use resource_api::domain::{Role, Shards};
use resource_api::repository::{
    HistoryRepository, Item, SearchRepository, StoredUniqueValue, StoredVersion, UniqueValueRepository, Word,
    resource_key,
};
use resource_api::service::{HistoryRepair, Reindex};
use serde_json::{Value, json};
use testing::TestStore;

use super::{items, records};
use crate::app::following::invoke;
use crate::app::{App, client, resources};
use crate::guarantees;

/// The tables that a restored API does not share.
const TABLES: [(&str, &str); 5] = [
    ("RESOURCES_TABLE", "ResourcesTable"),
    ("HISTORY_TABLE", "HistoryTable"),
    ("SEARCH_TABLE", "SearchTable"),
    ("UNIQUE_VALUES_TABLE", "UniqueValuesTable"),
    ("IDEMPOTENCY_TABLE", "IdempotencyTable"),
];

async fn copy(from: &TestStore, to: &TestStore, table: &str, keep: impl Fn(&Item) -> bool) {
    for item in guarantees::items(from, table).await.into_iter().filter(keep) {
        to.client().put_item().table_name(to.table(table)).set_item(Some(item)).send().await.unwrap();
    }
}

/// The steps of `cargo xtask complete-restore`, in the same order.
async fn complete(store: &TestStore) {
    let resources = resources(store, Shards::default());
    let client = client(store);
    let history = HistoryRepository::new(client.clone(), store.table("HistoryTable"));
    let search = SearchRepository::new(client.clone(), store.table("SearchTable"));
    let values = UniqueValueRepository::new(client, store.table("UniqueValuesTable"));
    let repair = HistoryRepair::new(resources.clone(), history);
    let reindex = Reindex::new(resources, search, values);

    let stored = guarantees::items(store, "UniqueValuesTable").await;
    let stored = stored.iter().map(|item| StoredUniqueValue::of_item(item, KINDS).unwrap().unwrap());
    reindex.remove_stale_values(&stored.collect::<Vec<_>>()).await.unwrap();
    let versions = guarantees::items(store, "HistoryTable").await;
    let versions = versions.iter().map(|item| StoredVersion::of_item(item, KINDS).unwrap().unwrap());
    repair.remove_unreached(&versions.collect::<Vec<_>>()).await.unwrap();
    let resources = guarantees::items(store, "ResourcesTable").await.into_iter();
    let resources: Vec<_> =
        resources.map(|item| (resource_key(&item, KINDS).unwrap().unwrap(), item)).collect();
    repair.add_present(resources.iter().map(|(key, _)| key.clone()).collect()).await.unwrap();
    assert_eq!(reindex.write(resources).await.unwrap(), []);
    let words = guarantees::items(store, "SearchTable").await;
    let words = words.iter().map(|item| Word::of_item(item, KINDS).unwrap().unwrap());
    reindex.remove_stale(&words.collect::<Vec<_>>()).await.unwrap();
}

async fn customer(app: &App, name: &str, email: &str) -> String {
    let created = app.post("/api/customers", &json!({ "name": name, "email": email })).await;
    format!("/api/customers/{}", created.data(201)["id"].as_str().unwrap())
}

/// The version and the action of each entry of a history.
async fn history(app: &App, path: &str) -> Vec<(u64, String)> {
    let history = app.get(&format!("{path}/history")).role(Role::Admin).await;
    let entry =
        |entry: &Value| (entry["version"].as_u64().unwrap(), entry["action"].as_str().unwrap().to_owned());
    history.data(200).as_array().unwrap().iter().map(entry).collect()
}

fn entries<const N: usize>(entries: [(u64, &str); N]) -> Vec<(u64, String)> {
    entries.map(|(version, action)| (version, action.to_owned())).into()
}

/// An API with a resources table that was restored to a time before many changes. The copy of the history is
/// a later one, and lacks a version that had not been processed. The other tables are copies of the current
/// ones.
async fn restored() -> (App, App, TestStore, [String; 4]) {
    let app = App::followed_of(KINDS).await;
    let changed = customer(&app, "alpha", "a@example.com").await;
    app.patch(&changed, &json!({ "tier": "gold" })).await.data(200);
    let deleted = customer(&app, "beta", "b@example.com").await;
    app.delete(&deleted).role(Role::Admin).await;
    app.follow().await;
    let unfollowed = customer(&app, "gamma", "c@example.com").await;
    let store = app.store.sibling().await.unwrap();
    copy(&app.store, &store, "ResourcesTable", |_| true).await;

    app.patch(&changed, &json!({ "name": "omega", "email": "later@example.com" })).await.data(200);
    app.post(&format!("{deleted}/restore"), &json!({})).await.data(200);
    let new = customer(&app, "delta", "d@example.com").await;
    app.follow().await;
    app.delete(&format!("{unfollowed}?purge=true")).role(Role::Admin).await;
    let id = unfollowed.rsplit('/').next().unwrap();
    let is_unfollowed = |item: &Item| item["pk"].as_s().unwrap().ends_with(id);
    copy(&app.store, &store, "HistoryTable", |item| !is_unfollowed(item)).await;
    for table in ["SearchTable", "UniqueValuesTable"] {
        copy(&app.store, &store, table, |_| true).await;
    }
    complete(&store).await;
    let tables = TABLES.map(|(variable, table)| (variable, store.table(table)));
    let variables = tables.each_ref().map(|(variable, table)| (*variable, table.as_str()));
    let restored = app.instance_with(&variables).await;
    (app, restored, store, [changed, deleted, unfollowed, new])
}

#[tokio::test]
async fn what_was_made_after_the_point_in_time_is_gone_and_what_was_there_is_whole() {
    let (_, app, store, [changed, deleted, unfollowed, new]) = restored().await;
    assert_eq!(history(&app, &changed).await, entries([(2, "updated"), (1, "created")]));
    assert_eq!(history(&app, &unfollowed).await, entries([(1, "created")]));
    for path in [&deleted, &new] {
        app.get(path).await.problem(404, "not_found");
    }
    let names = async |word: &str| {
        app.get(&format!("/api/customers/search?q={word}&fields=name")).await.data(200).clone()
    };
    assert_eq!(names("alpha").await, json!([{ "name": "alpha" }]));
    assert_eq!(names("gamma").await, json!([{ "name": "gamma" }]));
    for word in ["omega", "beta", "delta"] {
        assert_eq!(names(word).await, json!([]), "{word}");
    }
    let claim =
        async |email: &str| app.post("/api/customers", &json!({ "name": "n", "email": email })).await.status;
    for (email, status) in [("a", 409), ("c", 409), ("b", 201), ("later", 201), ("d", 201)] {
        assert_eq!(claim(&format!("{email}@example.com")).await, status, "{email}");
    }
    let keys = items(&store, "HistoryTable").await;
    let id = new.rsplit('/').next().unwrap();
    assert!(!keys.iter().any(|item| item.contains(id)), "{keys:#?}");
    // The customer above has claimed the email address of the deleted one, so it cannot be restored.
    let restore = app.post(&format!("{deleted}/restore"), &json!({})).role(Role::Admin).await;
    restore.problem(409, "already_exists");
}

#[tokio::test]
async fn completing_a_restore_again_changes_nothing() {
    let (_, _, store, _) = restored().await;
    let tables = async || {
        let mut found = Vec::new();
        for table in ["ResourcesTable", "HistoryTable", "SearchTable", "UniqueValuesTable"] {
            found.push(items(&store, table).await);
        }
        found
    };
    let before = tables().await;
    complete(&store).await;
    assert_eq!(tables().await, before);
}

/// While the tables of a stack are replaced, its function may still receive changes of the former table.
#[tokio::test]
async fn records_of_the_former_table_change_no_history() {
    let (before, app, store, [changed, _, purged, _]) = restored().await;
    let expected = items(&store, "HistoryTable").await;
    let event = json!({ "Records": records(&before).await });
    invoke(&app.follower(), &event).await.unwrap();
    assert_eq!(history(&app, &changed).await, entries([(2, "updated"), (1, "created")]));
    assert_eq!(history(&app, &purged).await, entries([(1, "created")]));
    assert_eq!(items(&store, "HistoryTable").await, expected);
}

/// An import writes the record of a purged resource again, before the purge is processed.
#[tokio::test]
async fn a_resource_that_is_imported_again_has_no_later_versions_of_the_purged_one() {
    let app = App::followed_of(KINDS).await;
    let path = customer(&app, "alpha", "a@example.com").await;
    let imported = guarantees::items(&app.store, "ResourcesTable").await.remove(0);
    app.patch(&path, &json!({ "tier": "gold" })).await.data(200);
    app.patch(&path, &json!({ "name": "omega" })).await.data(200);
    app.follow().await;
    assert_eq!(history(&app, &path).await.len(), 3);
    app.delete(&format!("{path}?purge=true")).role(Role::Admin).await;
    let put = app.store.client().put_item().table_name(app.store.table("ResourcesTable"));
    put.set_item(Some(imported)).send().await.unwrap();
    app.follow().await;
    assert_eq!(history(&app, &path).await, entries([(1, "created")]));
}
