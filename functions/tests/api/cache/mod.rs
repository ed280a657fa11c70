//! The cache with a real server: its entries, misses and failures.

mod entries;
mod race;
mod server;
mod soak;

use std::time::Duration;

use redis::AsyncCommands as _;
use resource_api::domain::{Caller, Role, Tenant};
use rstest::rstest;
use serde_json::{Value, json};
use testing::RedisServer;

use crate::app::{App, NOWHERE, Response};
use crate::logs::Log;

/// An API with a cache, and the server of the cache.
pub(crate) async fn start(variables: &[(&str, &str)]) -> Option<(App, RedisServer)> {
    if !RedisServer::is_installed() {
        return None;
    }
    let server = RedisServer::start(&[]).unwrap();
    let app = behind(&server, variables).await;
    Some((app, server))
}

async fn behind(server: &RedisServer, variables: &[(&str, &str)]) -> App {
    let url = format!("redis://127.0.0.1:{}", server.port());
    App::with(&[&[("CACHE_URL", &*url)], variables].concat()).await
}

/// The response to a request, the result of its read in the cache, and its calls to DynamoDB.
async fn asked(call: crate::app::Call<'_>) -> (Response, String, String) {
    let log = Log::start();
    let response = call.await;
    let line = log.requests().pop().unwrap();
    let cache = response.header("x-cache").unwrap_or("none").to_owned();
    assert_eq!(line["cache"].as_str().unwrap_or("none"), cache);
    (response, cache, line["dynamodb_operations"].as_str().unwrap().to_owned())
}

async fn check(call: crate::app::Call<'_>, status: i64, cache: &str, operations: &str) -> Response {
    let (response, found, asked) = asked(call).await;
    assert_eq!((response.status, &*found, &*asked), (status, cache, operations), "{response:#?}");
    response
}

async fn connection(server: &RedisServer) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", server.port())).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

fn path_of(created: &Value) -> String {
    format!("/api/resources/{}", created["id"].as_str().unwrap())
}

/// The key of the entry of a resource.
fn key_of(app: &App, id: &str) -> String {
    format!("resource-api:{}:default#resources#{id}", app.store.table("ResourcesTable"))
}

/// Names and attributes that are difficult to preserve in the cache.
fn body() -> Value {
    json!({
        "name": "é \" n", "description": "d",
        "attributes": { "a": 12_345_678_901_234_567_890_u64, "b": [1.5, null, { "": true }], "c": "\u{0}" },
        "related_ids": [NOWHERE],
    })
}

#[tokio::test]
async fn without_a_cache_everything_comes_from_the_store() {
    let app = App::start().await;
    let created = app.created(body()).await;
    for _ in 0..2 {
        check(app.get(&path_of(&created)), 200, "off", "GetItem:1").await;
    }
    check(app.get("/api/resources?status=active"), 200, "none", "Query:1").await;
    check(app.post("/api/resources", &body()), 201, "none", "PutItem:1").await;
}

#[tokio::test]
async fn what_was_written_or_read_is_read_from_the_cache() {
    let Some((app, server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let path = path_of(&created);
    let hit = check(app.get(&path), 200, "hit", "").await;
    assert_eq!((hit.data(200), hit.header("etag")), (&created, Some("\"1\"")));
    let some = check(app.get(&format!("{path}?fields=name")), 200, "hit", "").await;
    assert_eq!(*some.data(200), json!({ "name": created["name"] }));
    check(app.get(&path).header("if-none-match", "\"1\""), 304, "hit", "").await;
    check(app.get(&path).role(Role::Admin), 200, "hit", "").await;

    let patched =
        check(app.patch(&path, &json!({ "status": "draft" })), 200, "none", "GetItem:1,PutItem:1").await;
    assert_eq!(check(app.get(&path), 200, "hit", "").await.data(200), patched.data(200));
    let replaced = app.put(&path, &json!({ "name": "m" })).await;
    assert_eq!(check(app.get(&path), 200, "hit", "").await.data(200), replaced.data(200));

    let () = connection(&server).await.flushall().await.unwrap();
    // The first read after a flush starts an epoch, and the second fills the entry.
    let first = check(app.get(&path), 200, "miss", "GetItem:1").await;
    let missed = check(app.get(&path), 200, "miss", "GetItem:1").await;
    assert_eq!(first.body, missed.body);
    assert_eq!(missed.data(200), replaced.data(200));
    check(app.get(&path), 200, "hit", "").await;
}

#[tokio::test]
async fn what_is_not_there_is_known_too() {
    let Some((app, _server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let nowhere = format!("/api/resources/{NOWHERE}");
    check(app.get(&nowhere), 404, "miss", "GetItem:1").await;
    check(app.get(&nowhere), 404, "hit", "").await;

    let path = path_of(&created);
    app.delete(&path).await;
    check(app.get(&path), 404, "hit", "").await;
    app.post(&format!("{path}/restore"), &json!(null)).await.data(200);
    let restored = check(app.get(&path), 200, "hit", "").await;
    assert_eq!(restored.data(200)["version"], 3);
    app.delete(&format!("{path}?purge=true")).role(Role::Admin).await;
    check(app.get(&path), 404, "hit", "").await;
}

#[tokio::test]
async fn many_are_one_look_up_and_one_batch_read_for_what_is_missing() {
    let Some((app, server)) = start(&[]).await else { return };
    let mut created = Vec::new();
    for number in 0..3 {
        created.push(app.created(json!({ "name": format!("{number}") })).await);
    }
    let ids: Vec<_> = created.iter().map(|created| created["id"].clone()).collect();
    let referrer = app.created(json!({ "name": "r", "status": "draft", "related_ids": ids })).await;
    let mut redis = connection(&server).await;
    let key = |id: &Value| key_of(&app, id.as_str().unwrap());
    let asked = json!({ "ids": [ids[0], ids[1], ids[2], NOWHERE] });
    let batch = || app.post("/api/resources/batch-get", &asked);
    let first = check(batch(), 200, "miss", "BatchGetItem:1").await;
    assert_eq!((first.data(200), &first.body["missing"]), (&json!(created), &json!([NOWHERE])));
    assert_eq!(check(batch(), 200, "hit", "").await.body, first.body);
    let () = redis.del(key(&ids[1])).await.unwrap();
    assert_eq!(check(batch(), 200, "miss", "BatchGetItem:1").await.body, first.body);

    let referrer = path_of(&referrer);
    check(app.get(&format!("{referrer}/related")), 200, "hit", "").await;
    check(app.get(&format!("{referrer}?expand=related")), 200, "hit", "").await;
    check(app.get("/api/resources?status=draft&expand=related"), 200, "hit", "Query:1").await;
    let () = redis.del(key(&ids[0])).await.unwrap();
    check(app.get(&format!("{referrer}?expand=related")), 200, "miss", "BatchGetItem:1").await;
}

#[tokio::test]
async fn an_entry_ends_with_its_time() {
    let Some((app, server)) = start(&[("CACHE_TTL_SECONDS", "1")]).await else { return };
    let created = app.created(body()).await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    check(app.get(&path_of(&created)), 200, "miss", "GetItem:1").await;

    let lasting = behind(&server, &[]).await;
    let created = lasting.created(body()).await;
    lasting.get(&format!("/api/resources/{NOWHERE}")).await;
    let mut redis = connection(&server).await;
    let ttl = async |id: &str| {
        let mut redis = redis.clone();
        redis.pttl::<_, i64>(key_of(&lasting, id)).await.unwrap()
    };
    let resource = ttl(created["id"].as_str().unwrap()).await;
    assert!((269_000..=300_000).contains(&resource), "{resource}");
    assert!((8_000..=10_000).contains(&ttl(NOWHERE).await));
    let _: () = redis.flushall().await.unwrap();
}

#[rstest]
#[case::alone("no-cache")]
#[case::among_others("max-age=5, No-Cache")]
#[tokio::test]
async fn a_caller_can_bypass_it_and_what_is_read_then_is_taken(#[case] directives: &str) {
    let Some((app, server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let path = path_of(&created);
    let () = connection(&server).await.del(key_of(&app, created["id"].as_str().unwrap())).await.unwrap();
    for _ in 0..2 {
        check(app.get(&path).header("cache-control", directives), 200, "bypass", "GetItem:1").await;
    }
    check(app.get(&path).header("cache-control", "max-age=0"), 200, "hit", "").await;
    let ids = json!({ "ids": [created["id"]] });
    let batch = app.post("/api/resources/batch-get", &ids).header("cache-control", directives);
    check(batch, 200, "bypass", "BatchGetItem:1").await;
}

/// A table that was restored to a time when the resource was at its first version does not use the entries of
/// the original table.
#[tokio::test]
async fn a_table_that_takes_the_place_of_another_is_given_nothing_of_it() {
    let Some((app, _server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let restored = app.store.sibling().await.unwrap().table("ResourcesTable");
    for item in crate::guarantees::items(&app.store, "ResourcesTable").await {
        app.store.client().put_item().table_name(&restored).set_item(Some(item)).send().await.unwrap();
    }
    app.patch(&path_of(&created), &json!({ "name": "later" })).await.data(200);
    let other = app.instance_with(&[("RESOURCES_TABLE", &restored)]).await;
    // The first read starts a separate epoch.
    for (cache, operations) in [("miss", "GetItem:1"), ("miss", "GetItem:1"), ("hit", "")] {
        assert_eq!(check(other.get(&path_of(&created)), 200, cache, operations).await.data(200), &created);
    }
    assert_eq!(check(app.get(&path_of(&created)), 200, "hit", "").await.data(200)["version"], 2);
}

#[tokio::test]
async fn tenants_do_not_meet_in_the_cache() {
    let Some((app, _server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let stranger = Caller { tenant: Tenant::parse("foreign").unwrap(), ..Caller::example(Role::Admin) };
    check(app.get(&path_of(&created)), 200, "hit", "").await;
    check(app.get(&path_of(&created)).caller(&stranger), 404, "miss", "GetItem:1").await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
}
