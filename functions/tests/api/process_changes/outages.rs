//! Changes while EventBridge or the cache is unavailable: neither delays the other functions, and nothing is
//! repeated because something else failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use functions::KINDS;
use lambda_runtime::Context;
use resource_api::domain::{
    Caller, HistoryAction, HistoryEntry, Resource, ResourceId, Role, Shards, Tenant, Timestamp,
};
use resource_api::repository::HistoryRepository;
use serde_json::{Value, json};
use testing::{Fault, RecordingBus, RedisServer, dynamodb_proxy};

use super::{items, processor, records};
use crate::app::App;
use crate::app::client;
use crate::app::following::{function, invoke, publisher};
use crate::logs::Log;

/// Twenty changes, as one event of the stream.
async fn twenty_changes(app: &App) -> Value {
    for _ in 0..20 {
        app.created(json!({ "name": "alpha beta" })).await;
    }
    json!({ "Records": records(app).await })
}

#[tokio::test]
async fn while_the_bus_is_away_search_and_history_are_written_once() {
    let app = App::followed().await;
    let event = twenty_changes(&app).await;
    let away = RecordingBus::start(1.0).await.unwrap();
    let publisher_without_bus = publisher(&away.config());
    let processor = processor(&app.store, &app.store, &client(&app.store));
    let log = Log::start();
    invoke(&function(Arc::new(processor), KINDS), &event).await.unwrap();
    let line = log.lines().into_iter().rfind(|line| line["message"] == "batch").unwrap();
    if app.store.counts_units() {
        assert_eq!(line["dynamodb_write_units"], 60.0, "two words and a version for each change");
    }
    assert_eq!(items(&app.store, "HistoryTable").await.len(), 20);
    let found = app.get("/api/resources/search?q=alpha&limit=50").await;
    assert_eq!(found.data(200).as_array().unwrap().len(), 20);

    // The other function retries until its deadline, and then fails, so that Lambda retries the batch.
    let log = Log::start();
    let mut context = Context::default();
    context.deadline = Timestamp::now().as_microseconds() / 1000 + 1500;
    let batch = serde_json::from_value(event.clone()).unwrap();
    assert!(publisher_without_bus.respond(batch, &context).await.is_err());
    let line = log.lines().into_iter().rfind(|line| line["message"] == "batch").unwrap();
    assert_eq!((&line["function"], &line["dynamodb_calls"]), (&json!("publish-events"), &json!(0)));

    let back = RecordingBus::start(0.0).await.unwrap();
    invoke(&publisher(&back.config()), &event).await.unwrap();
    assert_eq!(back.entries().len(), 20);
}

#[tokio::test]
async fn a_bus_that_refuses_for_good_is_not_asked_until_the_deadline() {
    let app = App::followed().await;
    let event = twenty_changes(&app).await;
    let bus = RecordingBus::refusing("AccessDeniedException").await.unwrap();
    let log = Log::start();
    assert_eq!(invoke(&publisher(&bus.config()), &event).await, None);
    let line = log.lines().into_iter().rfind(|line| line["message"] == "batch").unwrap();
    assert!(line["error"].as_str().unwrap().contains("AccessDeniedException"), "{line}");
    // Twenty events are two calls, and neither is repeated.
    assert!(bus.calls() <= 2, "{} calls", bus.calls());
}

/// An attempt keeps its progress: the next one continues with the rest.
#[tokio::test]
async fn removing_a_long_history_goes_on_where_the_last_attempt_ended() {
    const VERSIONS: u64 = 1500;
    const CALLS_OF_AN_ATTEMPT: usize = 12;
    let app = App::followed().await;
    let id = app.created(json!({ "name": "n" })).await["id"].as_str().unwrap().to_owned();
    app.follow().await;
    let path = format!("/api/resources/{id}");
    let resources = app.repository(Shards::default());
    let collection = Caller::example(Role::User).scope(&kinds::RESOURCES).unwrap();
    let resource = resources.find(&collection, ResourceId::parse(&id).unwrap()).await.unwrap();
    let version = |version| HistoryEntry {
        action: HistoryAction::Updated,
        resource: Resource { version, ..resource.clone() },
    };
    let entries: Vec<_> = (1..=VERSIONS).map(|number| (Tenant::default(), version(number))).collect();
    let history = HistoryRepository::new(client(&app.store), app.store.table("HistoryTable"));
    history.put(&entries).await.unwrap();
    assert_eq!(app.delete(&format!("{path}?purge=true")).role(Role::Admin).await.status, 204);
    let record = records(&app).await.pop().unwrap();

    // After this many writes, DynamoDB fails for the rest of the attempt.
    let writes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&writes);
    let proxy = dynamodb_proxy(app.store.endpoint(), move |operation| {
        let is_write = operation == "BatchWriteItem";
        let gone = is_write && counted.fetch_add(1, Ordering::SeqCst) >= CALLS_OF_AN_ATTEMPT;
        if gone { Fault::Refuse("ValidationException") } else { Fault::Pass }
    });
    let store = app.store.through(&proxy.await.unwrap());
    let function = function(Arc::new(processor(&store, &store, &client(&store))), KINDS);
    let mut left = items(&app.store, "HistoryTable").await.len();
    for attempt in 1..=6 {
        writes.store(0, Ordering::SeqCst);
        if invoke(&function, &json!({ "Records": [record] })).await.is_some() {
            assert!(attempt > 1, "it ended in one attempt");
            assert_eq!(items(&app.store, "HistoryTable").await.len(), 0);
            return;
        }
        let now = items(&app.store, "HistoryTable").await.len();
        assert!(now < left, "attempt {attempt} has removed nothing of {left}");
        left = now;
    }
    panic!("{left} versions are left after six attempts");
}

/// A change that its writer could not store in the cache is visible once the stream has been processed.
#[tokio::test]
async fn what_a_writer_could_not_tell_the_cache_the_stream_does() {
    if !RedisServer::is_installed() {
        return;
    }
    let server = RedisServer::start(&[]).unwrap();
    let url = format!("redis://127.0.0.1:{}", server.port());
    let app = App::followed().await.instance_with(&[("CACHE_URL", &url)]).await;
    let cut_off = app.instance_with(&[("CACHE_URL", "redis://127.0.0.1:1")]).await;
    let cut_off = cut_off.with_cache_budget(Duration::from_millis(50)).await;
    let (mut paths, mut deleted) = (Vec::new(), Vec::new());
    for number in 0..4 {
        let created = app.created(json!({ "name": "old" })).await;
        let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
        assert_eq!(app.get(&path).await.header("x-cache"), Some("hit"));
        if number < 2 { paths.push(path) } else { deleted.push(path) }
    }
    app.follow().await;
    for path in &paths {
        cut_off.patch(path, &json!({ "name": "new" })).await.data(200);
        assert_eq!(app.get(path).await.data(200)["name"], "old", "the cache was not told");
    }
    assert_eq!(cut_off.delete(&deleted[0]).await.status, 204);
    let purge = format!("{}?purge=true", deleted[1]);
    assert_eq!(cut_off.delete(&purge).role(Role::Admin).await.status, 204);
    app.follow().await;
    for path in &paths {
        assert_eq!(app.get(path).await.data(200)["name"], "new");
    }
    for path in &deleted {
        app.get(path).await.problem(404, "not_found");
    }
}

/// An unavailable cache delays the stream's function only briefly.
#[tokio::test]
async fn a_cache_that_is_away_holds_up_neither_search_nor_history() {
    if !RedisServer::is_installed() {
        return;
    }
    let server = RedisServer::start(&[]).unwrap();
    let port = server.port();
    let url = format!("redis://127.0.0.1:{port}");
    let app = App::followed().await.instance_with(&[("CACHE_URL", &url)]).await;
    let app = app.with_cache_budget(Duration::from_millis(50)).await;
    app.created(json!({ "name": "alpha" })).await;
    drop(server);
    app.follow().await;
    let started = std::time::Instant::now();
    for _ in 0..3 {
        app.created(json!({ "name": "alpha" })).await;
        app.follow().await;
    }
    assert!(started.elapsed() < Duration::from_secs(8), "waited again: {:?}", started.elapsed());
    assert_eq!(app.get("/api/resources/search?q=alpha").await.data(200).as_array().unwrap().len(), 4);
}
