//! The cache, with a real server: what is in it, what is not, and what is wrong with it.

use std::time::Duration;

use redis::AsyncCommands as _;
use resource_api::domain::{Caller, Role, Tenant};
use resource_api::testing::{Fate, RedisServer, before_dynamodb, caller};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE, Response};
use crate::logs::Log;

/// An API behind a cache, and that cache.
async fn start(variables: &[(&str, &str)]) -> Option<(App, RedisServer)> {
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

/// What a request asked of the store, and what became of it at the cache.
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

/// The attributes and names that must come back from the cache as they were.
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
    // The first to find everything gone begins an epoch, and the next one fills it.
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
    let key = |id: &Value| format!("resource-api:default#{}", id.as_str().unwrap());
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
        redis.pttl::<_, i64>(format!("resource-api:default#{id}")).await.unwrap()
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
    let () = connection(&server)
        .await
        .del(format!("resource-api:default#{}", created["id"].as_str().unwrap()))
        .await
        .unwrap();
    for _ in 0..2 {
        check(app.get(&path).header("cache-control", directives), 200, "bypass", "GetItem:1").await;
    }
    check(app.get(&path).header("cache-control", "max-age=0"), 200, "hit", "").await;
    let ids = json!({ "ids": [created["id"]] });
    let batch = app.post("/api/resources/batch-get", &ids).header("cache-control", directives);
    check(batch, 200, "bypass", "BatchGetItem:1").await;
}

/// Whatever stands where an entry should: the store answers, and the entry is put right.
#[rstest]
#[case::nothing("")]
#[case::text("garbage")]
#[case::another_layout("0:00000000000000000009:{}")]
#[case::no_json("1:00000000000000000001:{")]
#[case::no_resource("1:00000000000000000001:{\"tenant\":\"default\"}")]
#[case::of_another_resource(OTHER)]
#[case::of_another_tenant(FOREIGN)]
#[case::another_version(TORN)]
#[case::bytes("\u{1}\u{80}")]
#[tokio::test]
async fn what_is_no_entry_of_this_resource_is_not_given(#[case] value: &str) {
    let Some((app, server)) = start(&[]).await else { return };
    let created = app.created(json!({ "name": "n" })).await;
    let id = created["id"].as_str().unwrap();
    let key = format!("resource-api:default#{id}");
    let mut redis = connection(&server).await;
    let () = redis.set(&key, value.replace("ID", id)).await.unwrap();
    // With it goes the epoch that it was read in; the next one fills it.
    for (cache, operations) in [("miss", "GetItem:1"), ("miss", "GetItem:1"), ("hit", "")] {
        let read = check(app.get(&path_of(&created)), 200, cache, operations).await;
        assert_eq!(*read.data(200), created);
    }
}

const OTHER: &str = "1:00000000000000000009:{\"tenant\":\"default\",\"id\":\"019a1b2c-0000-7000-8000-000000000000\",\"resource\":null}";
const FOREIGN: &str = "1:00000000000000000009:{\"tenant\":\"foreign\",\"id\":\"ID\",\"resource\":null}";
const TORN: &str = "1:00000000000000000009:{\"tenant\":\"default\",\"id\":\"ID\",\"resource\":{\"name\":\"x\",\"status\":\"active\",\
    \"description\":null,\"attributes\":{},\"related_ids\":[],\"version\":3,\"updated_at\":\"2026-11-22T00:00:00.000Z\",\
    \"created_by\":\"x\",\"updated_by\":\"x\"}}";

#[tokio::test]
async fn a_value_of_another_type_is_replaced() {
    let Some((app, server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let key = format!("resource-api:default#{}", created["id"].as_str().unwrap());
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
    let () = redis.lpush("resource-api:epoch", "x").await.unwrap();
    let created = app.created(body()).await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
    let patched = app.patch(&path_of(&created), &json!({ "name": "m" })).await;
    let read = check(app.get(&path_of(&created)), 200, "hit", "").await;
    assert_eq!(read.data(200), patched.data(200));
}

#[tokio::test]
async fn tenants_do_not_meet_in_the_cache() {
    let Some((app, _server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let stranger = Caller { tenant: Tenant::parse("foreign").unwrap(), ..caller(Role::Admin) };
    check(app.get(&path_of(&created)), 200, "hit", "").await;
    check(app.get(&path_of(&created)).caller(&stranger), 404, "miss", "GetItem:1").await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
}

/// A reader that was slower than a flush does not bring back what a writer has replaced since.
#[tokio::test]
async fn a_flush_in_mid_flight_brings_nothing_old_back() {
    let Some((app, server)) = start(&[]).await else { return };
    let created = app.created(body()).await;
    let path = path_of(&created);
    let mut redis = connection(&server).await;
    let () = redis.del(format!("resource-api:default#{}", created["id"].as_str().unwrap())).await.unwrap();
    // The reader looks the cache up and reads version 1; the answer takes its time.
    let (asked, mut arrived) = tokio::sync::mpsc::unbounded_channel();
    let slow = before_dynamodb(app.store.endpoint(), move |_| {
        let _ = asked.send(());
        Fate::DelayAnswer(Duration::from_secs(1))
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

#[tokio::test]
async fn a_password_is_asked_for() {
    if !RedisServer::is_installed() {
        return;
    }
    let server = RedisServer::start(&["--requirepass", "s3cret"]).unwrap();
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{}", server.port());
    let app = App::with(&[("CACHE_URL", &url("s3cret"))]).await;
    let created = app.created(body()).await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
    // A wrong one is a cache that does not answer.
    let log = Log::start();
    let stranger = app.instance_with(&[("CACHE_URL", &url("wr0ng"))]).await;
    stranger.get(&path_of(&created)).await.data(200);
    assert_eq!(stranger.get(&path_of(&created)).await.header("x-cache"), Some("bypass"));
    assert!(
        log.text().contains("the cache does not answer") && !log.text().contains("wr0ng"),
        "{}",
        log.text()
    );
}

#[tokio::test]
async fn a_cache_may_speak_tls() {
    if !RedisServer::is_installed() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let authority =
        rcgen::CertifiedIssuer::self_signed(authority(), rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let authority = file("authority.pem", authority.pem());
    let (certificate, key) =
        (file("certificate.pem", certificate.pem()), file("key.pem", key.serialize_pem()));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let arguments = [
        "--tls-port",
        &port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &authority,
        "--tls-auth-clients",
        "no",
    ];
    let _server = RedisServer::start_on(0, &arguments).unwrap();
    let url = format!("rediss://localhost:{port}");
    let app = App::with(&[("CACHE_URL", &url), ("CACHE_CA_FILE", &authority)]).await;
    let created = app.created(body()).await;
    check(app.get(&path_of(&created)), 200, "hit", "").await;
    // A certificate of an authority that nobody trusts is a cache that does not answer.
    let distrustful = app.instance_with(&[("CACHE_CA_FILE", "")]).await;
    assert_eq!(distrustful.get(&path_of(&created)).await.header("x-cache"), Some("bypass"));
}

fn authority() -> rcgen::CertificateParams {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority
}

/// A server that is gone costs no answer, and one that is back is used again.
#[tokio::test]
async fn the_server_may_go_and_come_back() {
    let Some((app, server)) = start(&[]).await else { return };
    let port = server.port();
    let created = app.created(body()).await;
    let path = path_of(&created);
    check(app.get(&path), 200, "hit", "").await;
    drop(server);
    for _ in 0..3 {
        check(app.get(&path), 200, "bypass", "GetItem:1").await;
    }
    check(app.patch(&path, &json!({ "name": "m" })), 200, "none", "GetItem:1,PutItem:1").await;
    let _server = RedisServer::start_on(port, &[]).unwrap();
    for _ in 0..200 {
        if app.get(&path).await.header("x-cache") == Some("hit") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the cache is not used again");
}

/// A server that does not answer takes its budget of each request, and no more.
#[tokio::test]
async fn a_cache_that_hangs_takes_its_budget_and_no_more() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let app = App::with(&[("CACHE_URL", &url)]).await.with_cache_budget(Duration::from_millis(50)).await;
    let created = app.created(body()).await;
    let started = std::time::Instant::now();
    check(app.get(&path_of(&created)), 200, "bypass", "GetItem:1").await;
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}
