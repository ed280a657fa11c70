//! Lost responses and functions that end at any point: exactly one change is applied.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use kinds::RESOURCES;
use resource_api::domain::{Caller, ResourceId, Role, Shards};
use rstest::rstest;
use serde_json::{Value, json};
use testing::{Fault, dynamodb_proxy};

use super::{PATH, essence};
use crate::app::App;

/// A pseudorandom sequence of numbers.
fn dice() -> impl Fn(u64) -> u64 {
    let state = AtomicU64::new(0x9e37_79b9_7f4a_7c15);
    move |sides| {
        let mut next = state.load(Ordering::Relaxed);
        next ^= next << 13;
        next ^= next >> 7;
        next ^= next << 17;
        state.store(next, Ordering::Relaxed);
        next % sides
    }
}

/// One POST with a key, 50 times, concurrently and in sequence, through several instances. Requests and
/// responses of DynamoDB are lost at any point, and some callers stop before they get a response.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_resource_comes_of_any_number_of_attempts() {
    let app = App::start().await;
    let roll = dice();
    let lossy = dynamodb_proxy(app.store.endpoint(), move |_| match roll(10) {
        0..3 => Fault::LoseResponse,
        3 => Fault::LoseRequest,
        _ => Fault::Pass,
    });
    let lossy = app.through(&lossy.await.unwrap()).await;
    let instances = [lossy.instance().await, lossy.instance().await, lossy.instance().await];
    let send = async |number: usize| {
        let call =
            instances[number % 3].post(PATH, &json!({ "name": "n", "attributes": { "a": 1 } })).key("k");
        let patience = if number.is_multiple_of(4) {
            Duration::from_millis(number as u64 / 2)
        } else {
            Duration::from_mins(1)
        };
        // The future is dropped, like an instance that ends.
        tokio::time::timeout(patience, call.into_future()).await.ok()
    };
    let mut answers = join_all((0..30).map(send)).await;
    for number in 30..50 {
        answers.push(send(number).await);
    }
    let answered: Vec<_> = answers.into_iter().flatten().collect();
    let (done, failed): (Vec<_>, Vec<_>) = answered.into_iter().partition(|answer| answer.status == 201);
    for answer in failed {
        answer.problem(503, "unavailable");
        assert!(answer.header("retry-after").is_some());
    }
    assert!(done.len() > 20, "only {} of 50 were answered", done.len());
    assert!(done.iter().any(|answer| answer.header("idempotent-replayed") == Some("true")));
    let answers: BTreeSet<_> = done.iter().map(essence).collect();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    let list = app.get(PATH).await;
    assert_eq!(list.data(200).as_array().unwrap().len(), 1);
    assert_eq!(list.body["data"][0]["id"], done[0].body["data"]["id"]);
}

/// A function ends between any two calls to DynamoDB, for each type of change. Repeated, the change is
/// applied once.
#[rstest]
#[case::create("POST", PATH, json!({ "name": "m" }), 201)]
#[case::replace("PUT", "/api/resources/ID", json!({ "name": "m" }), 200)]
#[case::update("PATCH", "/api/resources/ID", json!({ "name": "m" }), 200)]
#[case::delete("DELETE", "/api/resources/ID", json!(null), 204)]
#[case::batch("POST", "/api/resources/batch", json!({ "operations": [
    { "op": "create", "body": { "name": "m" } }, { "op": "update", "id": "ID", "body": { "name": "m" } },
] }), 200)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_ends_between_two_calls_leaves_no_half(
    #[case] method: &str,
    #[case] path: &str,
    #[case] body: Value,
    #[case] status: i64,
) {
    let app = App::start().await;
    let id = app.created(json!({ "name": "n" })).await["id"].as_str().unwrap().to_owned();
    let (path, body) = (path.replace("ID", &id), body.to_string().replace("ID", &id));
    let body: Value = serde_json::from_str(&body).unwrap();
    for (number, lost) in [Fault::LoseRequest, Fault::LoseResponse].into_iter().cycle().take(6).enumerate() {
        // After this many calls everything is lost, and the caller does not wait for the retries.
        let calls = AtomicU64::new(0);
        let last = number as u64 / 2;
        let dying = dynamodb_proxy(app.store.endpoint(), move |_| {
            if calls.fetch_add(1, Ordering::Relaxed) < last { Fault::Pass } else { lost }
        });
        let dying = app.through(&dying.await.unwrap()).await;
        let call = dying.call(method, &path).json(&body).key("k");
        let ended = tokio::time::timeout(Duration::from_millis(40), call.into_future()).await;
        if let Ok(answer) = ended {
            assert!([status, 503].contains(&answer.status), "{answer:#?}");
        }
    }
    let answer = app.call(method, &path).json(&body).key("k").await;
    assert_eq!(answer.status, status, "{answer:#?}");
    let again = app.call(method, &path).json(&body).key("k").await;
    assert_eq!(essence(&answer), essence(&again));
    let list = app.get(&format!("{PATH}?status=draft,active,archived&sort=created")).await;
    let versions: Vec<_> =
        list.data(200).as_array().unwrap().iter().map(|row| row["version"].as_i64().unwrap()).collect();
    let expected: &[i64] = match (method, &*path) {
        ("POST", PATH) => &[1, 1],
        ("POST", _) => &[2, 1],
        ("DELETE", _) => &[],
        _ => &[2],
    };
    assert_eq!(versions, expected);
    // The item in the resources table, which also shows a deleted resource, has the same version.
    let collection = Caller::example(Role::User).scope(&RESOURCES).unwrap();
    let stored = app.repository(Shards::default()).find(&collection, ResourceId::parse(&id).unwrap()).await;
    assert_eq!(stored.unwrap().version, if path == PATH { 1 } else { 2 });
}
