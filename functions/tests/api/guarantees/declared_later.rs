//! Unique constraints that are declared when resources exist already: reindexing enforces them, and reports
//! shared values.

use resource_api::domain::{Caller, Field, Kind, Kinds, ResourceKey, Role, Shards};
use resource_api::repository::{
    Item, SearchRepository, StoredUniqueValue, UniqueValueRepository, resource_key,
};
use resource_api::service::Reindex;
use serde_json::{Value, json};

use super::{assert_unique_values_are_exact, items};
use crate::app::{self, App, client};

const BEFORE: Kind = Kind::new("tags", "tag").fields(&[Field::text("word").required().length(1, 20)]);
const AFTER: Kind = BEFORE.unique(&[&["word"]]);
const ALL_BEFORE: Kinds = Kinds::of(&[&BEFORE]);
const ALL_AFTER: Kinds = Kinds::of(&[&AFTER]);

/// Reindexes both tables like `cargo xtask reindex`. Returns the shared values.
async fn reindex(app: &App, kinds: Kinds) -> Vec<String> {
    let store = &app.store;
    let search = SearchRepository::new(client(store), store.table("SearchTable"));
    let values = UniqueValueRepository::new(client(store), store.table("UniqueValuesTable"));
    let reindex = Reindex::new(app::resources(store, Shards::default()), search, values);
    let stored = items(store, "UniqueValuesTable").await;
    let stored = stored.iter().filter_map(|item| StoredUniqueValue::of_item(item, kinds).unwrap());
    reindex.remove_stale_values(&stored.collect::<Vec<_>>()).await.unwrap();
    let resources: Vec<(ResourceKey, Item)> = items(store, "ResourcesTable")
        .await
        .into_iter()
        .filter_map(|item| Some((resource_key(&item, kinds).unwrap()?, item)))
        .collect();
    let shared = reindex.write(resources).await.unwrap();
    shared.iter().map(ToString::to_string).collect()
}

async fn tag(app: &App, word: &str) -> Value {
    app.post("/api/tags", &json!({ "word": word })).await.data(201).clone()
}

fn path(tag: &Value) -> String {
    format!("/api/tags/{}", tag["id"].as_str().unwrap())
}

#[tokio::test]
async fn what_is_there_is_held_to_it_after_reindexing() {
    let before = App::of(ALL_BEFORE).await;
    let (red, _blue) = (tag(&before, "red").await, tag(&before, "blue").await);
    let gone = tag(&before, "gone").await;
    assert_eq!(before.delete(&path(&gone)).await.status, 204);
    let app = before.declared_as(ALL_AFTER).await;
    assert!(reindex(&app, ALL_AFTER).await.is_empty());
    assert_unique_values_are_exact(&app.store, ALL_AFTER).await;
    for word in ["Red", "BLUE"] {
        let taken = app.post("/api/tags", &json!({ "word": word })).await;
        assert_eq!(taken.faults(409, "already_exists"), ["/word already_exists"]);
    }
    tag(&app, "gone").await;
    // Reindexing makes no version, and a second run has nothing to do.
    assert_eq!(*app.get(&path(&red)).await.data(200), red);
    assert!(reindex(&app, ALL_AFTER).await.is_empty());
    assert_unique_values_are_exact(&app.store, ALL_AFTER).await;
}

#[tokio::test]
async fn every_two_that_share_a_value_are_named() {
    let before = App::of(ALL_BEFORE).await;
    let tags = [tag(&before, "red").await, tag(&before, "Red").await, tag(&before, "RED").await];
    let app = before.declared_as(ALL_AFTER).await;
    let shared = reindex(&app, ALL_AFTER).await;
    assert_eq!(shared.len(), 2, "{shared:#?}");
    for shared in &shared {
        assert!(shared.starts_with("tags of the tenant default: "), "{shared}");
        assert!(shared.contains("has the same word as") && shared.ends_with("which holds it"), "{shared}");
        let named = tags.iter().filter(|tag| shared.contains(tag["id"].as_str().unwrap()));
        assert_eq!(named.count(), 2, "{shared}");
    }
    // One of them holds the value. The others can be changed and deleted without releasing it, but a deleted
    // one cannot be restored.
    let holder = shared[0].split(' ').nth(11).unwrap().trim_end_matches(',');
    let (holder, others): (Vec<_>, Vec<_>) = tags.iter().partition(|tag| tag["id"] == holder);
    assert_eq!(app.patch(&path(others[0]), &json!({ "word": "green" })).await.data(200)["version"], 2);
    assert_eq!(app.delete(&path(others[1])).await.status, 204);
    let restored = app.post(&format!("{}/restore", path(others[1])), &Value::Null).await;
    assert_eq!(restored.faults(409, "already_exists"), ["/word already_exists"]);
    let taken = app.post("/api/tags", &json!({ "word": "red" })).await;
    assert_eq!(taken.faults(409, "already_exists"), ["/word already_exists"]);
    assert!(reindex(&app, ALL_AFTER).await.is_empty());
    assert_unique_values_are_exact(&app.store, ALL_AFTER).await;
    app.patch(&path(holder[0]), &json!({ "word": "yellow" })).await.data(200);
    tag(&app, "red").await;
    assert_unique_values_are_exact(&app.store, ALL_AFTER).await;
}

/// During a deployment, functions without the constraint continue to change resources.
#[tokio::test]
async fn what_an_older_function_changes_meanwhile_is_made_up_for() {
    let old = App::of(ALL_BEFORE).await;
    let new = old.declared_as(ALL_AFTER).await;
    let red = tag(&new, "red").await;
    old.patch(&path(&red), &json!({ "word": "green" })).await.data(200);
    let other = tag(&old, "red").await;
    // As if the first stage of reindexing had run before these changes.
    let values = UniqueValueRepository::new(client(&new.store), new.store.table("UniqueValuesTable"));
    let search = SearchRepository::new(client(&new.store), new.store.table("SearchTable"));
    let reindex = Reindex::new(app::resources(&new.store, Shards::default()), search, values);
    let of_table = items(&new.store, "ResourcesTable").await.into_iter();
    let resources = of_table.filter_map(|item| Some((resource_key(&item, ALL_AFTER).unwrap()?, item)));
    assert!(reindex.write(resources.collect()).await.unwrap().is_empty());
    assert_unique_values_are_exact(&new.store, ALL_AFTER).await;
    let taken = new.post("/api/tags", &json!({ "word": "red" })).await;
    assert_eq!(taken.faults(409, "already_exists"), ["/word already_exists"]);
    assert_eq!(*new.get(&path(&other)).await.data(200), other);
}

/// All resources that share a value may release it at once to another.
#[tokio::test]
async fn what_is_shared_can_be_passed_on() {
    let before = App::of(ALL_BEFORE).await;
    let tags = [tag(&before, "red").await, tag(&before, "Red").await, tag(&before, "RED").await];
    let app = before.declared_as(ALL_AFTER).await;
    assert_eq!(reindex(&app, ALL_AFTER).await.len(), 2);
    let [one, two, three] = tags.each_ref().map(|tag| &tag["id"]);
    let batch = json!({ "operations": [
        { "op": "create", "body": { "word": "red" } },
        { "op": "delete", "id": one },
        { "op": "update", "id": two, "body": { "word": "green" } },
        { "op": "update", "id": three, "body": { "word": "blue" } },
    ] });
    app.post("/api/tags/batch", &batch).await.data(200);
    assert!(reindex(&app, ALL_AFTER).await.is_empty());
    assert_unique_values_are_exact(&app.store, ALL_AFTER).await;
}

/// Values stay stored while the constraint is not declared. When it is declared again, reindexing removes
/// stale ones.
#[tokio::test]
async fn what_is_declared_again_forgets_what_is_stale() {
    let app = App::of(ALL_AFTER).await;
    let red = tag(&app, "red").await;
    let admin = Caller::example(Role::Admin);
    let purged = tag(&app, "blue").await;
    let meanwhile = app.declared_as(ALL_BEFORE).await;
    meanwhile.patch(&path(&red), &json!({ "word": "green" })).await.data(200);
    let purge = format!("{}?purge=true", path(&purged));
    assert_eq!(meanwhile.delete(&purge).caller(&admin).await.status, 204);
    let app = meanwhile.declared_as(ALL_AFTER).await;
    assert!(reindex(&app, ALL_AFTER).await.is_empty());
    assert_unique_values_are_exact(&app.store, ALL_AFTER).await;
    for word in ["red", "blue"] {
        tag(&app, word).await;
    }
    let taken = app.post("/api/tags", &json!({ "word": "green" })).await;
    assert_eq!(taken.faults(409, "already_exists"), ["/word already_exists"]);
}
