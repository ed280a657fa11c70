//! Rebuilding the search table, concurrently with changes and their processing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kinds::RESOURCES;
use resource_api::domain::{Caller, ResourceId, ResourceKey, Role, SearchEntry, Shards, Status, Words};
use resource_api::repository::{SearchRepository, UniqueValueRepository, Word, WordChange};
use resource_api::service::Reindex;
use serde_json::{Value, json};
use testing::{Fault, TestStore, dynamodb_proxy};

use super::items;
use crate::app;
use crate::app::App;
use crate::app::client;

/// Reindexes from the resources of one store to the search table of another.
fn reindex(resources: &TestStore, derived: &TestStore) -> Reindex {
    let search = SearchRepository::new(client(derived), derived.table("SearchTable"));
    let values = UniqueValueRepository::new(client(resources), resources.table("UniqueValuesTable"));
    Reindex::new(app::resources(resources, Shards::default()), search, values)
}

fn resource_key(resource: &Value) -> ResourceKey {
    let collection = Caller::example(Role::User).collection(&RESOURCES);
    (collection, ResourceId::parse(resource["id"].as_str().unwrap()).unwrap())
}

fn words(resource: &Value, words: &[&str]) -> Vec<Word> {
    let key = resource_key(resource);
    words.iter().flat_map(|word| Word::places(&key, word, None)).collect()
}

#[tokio::test]
async fn it_makes_what_following_every_change_has_made() {
    let app = App::followed().await;
    let mut created = Vec::new();
    for name in ["alpha beta", "Beta 2", "gone for now", "purged", &"x1 x2 ".repeat(30), &many_words()] {
        created.push(app.created(json!({ "name": name })).await);
    }
    let path = |at: usize| format!("/api/resources/{}", created[at]["id"].as_str().unwrap());
    app.patch(&path(0), &json!({ "name": "alpha gamma" })).await.data(200);
    app.delete(&path(2)).await;
    app.delete(&format!("{}?purge=true", path(3))).role(resource_api::domain::Role::Admin).await;
    app.follow().await;

    let derived = app.store.sibling().await.unwrap();
    let stale = [
        words(&created[0], &["beta", "gamma"]),
        words(&created[2], &["gone"]),
        words(&created[3], &["purged"]),
    ];
    let stale = stale.concat();
    let search = SearchRepository::new(client(&derived), derived.table("SearchTable"));
    let entry =
        SearchEntry { words: Words::of("stale"), status: Status::parse(&RESOURCES, "draft"), owner: None };
    let entry = Arc::new(entry);
    let put = stale.iter().map(|word| WordChange::Put(word.clone(), Arc::clone(&entry)));
    search.write(&put.collect::<Vec<_>>()).await.unwrap();
    let reindex = reindex(&app.store, &derived);
    let owners: Vec<_> = created.iter().map(resource_key).collect();
    for _ in 0..2 {
        reindex.add(owners.clone()).await.unwrap();
        reindex.remove_stale(&stale).await.unwrap();
        assert_eq!(items(&derived, "SearchTable").await, items(&app.store, "SearchTable").await);
    }
}

/// More words than fit into a transaction, in a name of valid length: each Han character is a word.
fn many_words() -> String {
    (0x4e00..0x4e00 + 150).filter_map(char::from_u32).collect()
}

/// If a resource changes between its read and the write, it is read again, and no change is undone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_comes_between_wins() {
    let app = App::followed().await;
    let renamed = app.created(json!({ "name": "old same" })).await;
    let restored = app.created(json!({ "name": "back" })).await;
    let path = |of: &Value| format!("/api/resources/{}", of["id"].as_str().unwrap());
    app.delete(&path(&restored)).await;
    app.follow().await;
    let held = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&held);
    let proxy = dynamodb_proxy(app.store.endpoint(), move |operation| {
        let first = operation == "TransactWriteItems" && count.fetch_add(1, Ordering::Relaxed) < 2;
        if first { Fault::Delay(Duration::from_millis(400)) } else { Fault::Pass }
    })
    .await
    .unwrap();
    let slow = app.store.through(&proxy);
    let reindex = reindex(&slow, &slow);
    let adding = reindex.add(vec![resource_key(&renamed)]);
    let stale = words(&restored, &["back"]);
    let removing = reindex.remove_stale(&stale);
    let changing = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        app.patch(&path(&renamed), &json!({ "name": "new same" })).await.data(200);
        app.post(&format!("{}/restore", path(&restored)), &json!({})).await.data(200);
        app.follow().await;
        items(&app.store, "SearchTable").await
    };
    let (added, removed, expected) = tokio::join!(adding, removing, changing);
    added.unwrap();
    removed.unwrap();
    assert!(held.load(Ordering::Relaxed) >= 2, "it was held twice");
    assert_eq!(items(&app.store, "SearchTable").await, expected);
    assert_eq!(expected.len(), 3, "{expected:?}");
}
