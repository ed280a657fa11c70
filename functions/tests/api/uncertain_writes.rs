//! Writes whose response from DynamoDB is lost, and writes that conflict with a transaction: if the result is
//! unknown, the response is a 503.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use resource_api::domain::{Caller, Role};
use rstest::rstest;
use serde_json::{Value, json};
use testing::{Fault, dynamodb_proxy};

use crate::app::{App, NOWHERE, Response};

const ALL: &str = "/api/resources";

fn is_write(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem")
}

/// The API through a proxy that loses the response to the first write, and delays the second attempt until it
/// is released.
async fn losing_the_first_response(app: &App) -> (App, mpsc::Sender<()>) {
    let (release, held) = mpsc::channel();
    let (writes, held) = (AtomicUsize::new(0), Mutex::new(held));
    let proxy = dynamodb_proxy(app.store.endpoint(), move |operation| {
        if !is_write(operation) {
            return Fault::Pass;
        }
        match writes.fetch_add(1, Ordering::SeqCst) {
            0 => return Fault::LoseResponse,
            1 => held.lock().unwrap().recv_timeout(Duration::from_secs(1)).unwrap(),
            _ => {}
        }
        Fault::Pass
    });
    (app.through(&proxy.await.unwrap()).await, release)
}

/// The stored resource; `None` if it is deleted or purged.
async fn stored(app: &App, path: &str) -> Option<Value> {
    let response = app.get(path).await;
    (response.status == 200).then(|| response.body["data"].clone())
}

/// Sends a request whose first attempt is applied without a response, and makes another change before the
/// second attempt.
async fn with_another_change_between(
    app: &App,
    method: &str,
    target: &str,
    body: &Value,
    if_match: Option<&str>,
    other: impl AsyncFn(),
) -> Response {
    let path = target.split('?').next().unwrap().trim_end_matches("/restore").to_owned();
    let (lossy, release) = losing_the_first_response(app).await;
    let before = stored(app, &path).await;
    let request = async {
        let call = lossy.call(method, target).json(body).role(Role::Admin);
        if let Some(tag) = if_match { call.header("if-match", tag).await } else { call.await }
    };
    let between = async {
        while stored(app, &path).await == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        other().await;
        release.send(()).unwrap();
    };
    tokio::join!(request, between).0
}

#[rstest]
#[case::put("PUT", json!({ "name": "mine" }), Some("\"1\""))]
#[case::patch("PATCH", json!({ "name": "mine" }), Some("\"1\""))]
#[case::patch_of_any_version("PATCH", json!({ "name": "mine" }), None)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_that_was_applied_is_neither_refused_nor_applied_again(
    #[case] method: &str,
    #[case] body: Value,
    #[case] if_match: Option<&str>,
) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("{ALL}/{}", created["id"].as_str().unwrap());
    let theirs = async || _ = app.patch(&path, &json!({ "name": "theirs" })).await.data(200);
    let response = with_another_change_between(&app, method, &path, &body, if_match, theirs).await;
    response.problem(503, "unavailable");
    assert!(response.header("retry-after").is_some());
    let stored = stored(&app, &path).await.unwrap();
    assert_eq!((&stored["name"], &stored["version"]), (&json!("theirs"), &json!(3)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deletion_that_was_applied_and_undone_is_not_refused() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("{ALL}/{}", created["id"].as_str().unwrap());
    let restore = async || _ = app.post(&format!("{path}/restore"), &json!({})).await.data(200);
    let response =
        with_another_change_between(&app, "DELETE", &path, &json!({}), Some("\"1\""), restore).await;
    response.problem(503, "unavailable");
    assert_eq!(stored(&app, &path).await.unwrap()["version"], 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_restoration_that_was_applied_and_undone_is_neither_refused_nor_applied_again() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("{ALL}/{}", created["id"].as_str().unwrap());
    assert_eq!(app.delete(&path).await.status, 204);
    let delete = async || assert_eq!(app.delete(&path).await.status, 204);
    let restore = format!("{path}/restore");
    let response = with_another_change_between(&app, "POST", &restore, &json!({}), None, delete).await;
    response.problem(503, "unavailable");
    assert_eq!(stored(&app, &path).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_purge_that_was_applied_is_not_said_to_have_found_nothing() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("{ALL}/{}", created["id"].as_str().unwrap());
    let purge = format!("{path}?purge=true");
    let response = with_another_change_between(&app, "DELETE", &purge, &json!({}), None, async || {}).await;
    response.problem(503, "unavailable");
    // If nothing was lost, the refusal is conclusive.
    app.delete(&purge).role(Role::Admin).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_created_resource_is_known_by_its_id_whatever_became_of_it() {
    let app = App::start().await;
    let (lossy, release) = losing_the_first_response(&app).await;
    let between = async {
        let id = loop {
            let list = app.get(&format!("{ALL}?fields=id")).await;
            if let Some(id) = list.data(200)[0]["id"].as_str() {
                break id.to_owned();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        app.patch(&format!("{ALL}/{id}"), &json!({ "name": "theirs" })).await.data(200);
        release.send(()).unwrap();
        id
    };
    let body = json!({ "name": "mine" });
    let (created, id) = tokio::join!(lossy.post(ALL, &body).into_future(), between);
    assert_eq!(created.data(201)["id"], id);
    assert_eq!(stored(&app, &format!("{ALL}/{id}")).await.unwrap()["name"], "theirs");
}

/// DynamoDB rejects a plain write of an item that a transaction is writing.
#[tokio::test]
async fn a_plain_write_that_meets_a_transaction_is_made_after_it() {
    let app = App::start().await;
    let met = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&met);
    let proxy = dynamodb_proxy(app.store.endpoint(), move |operation| {
        let meets = is_write(operation) && count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        if meets { Fault::Refuse("TransactionConflictException") } else { Fault::Pass }
    });
    let app = app.through(&proxy.await.unwrap()).await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("{ALL}/{}", created["id"].as_str().unwrap());
    app.put(&path, &json!({ "name": "m" })).await.data(200);
    app.patch(&path, &json!({ "name": "o" })).await.data(200);
    assert_eq!(app.delete(&path).await.status, 204);
    assert_eq!(app.post(&format!("{path}/restore"), &json!({})).await.data(200)["version"], 5);
    assert_eq!(app.delete(&format!("{path}?purge=true")).role(Role::Admin).await.status, 204);
    assert_eq!(met.load(Ordering::SeqCst), 12, "each of the six writes met a transaction once");
}

/// Concurrent counters, with lost responses and transaction conflicts: each acknowledged change is applied
/// exactly once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counters_hold_what_was_acknowledged_and_nothing_twice() {
    let app = App::start().await;
    let path = format!("{ALL}/{}", app.created(json!({ "name": "n" })).await["id"].as_str().unwrap());
    let faults: testing::Faults = "lose-response=0.15,conflict=0.1,error=0.05".parse().unwrap();
    let proxy = dynamodb_proxy(app.store.endpoint(), move |_| faults.next()).await.unwrap();
    let instances = [app.through(&proxy).await, app.through(&proxy).await];
    // Each writer sets its own members, which no other patch may remove or set again.
    let writer = async |writer: usize| {
        let (mut acknowledged, mut uncertain) = (0, 0);
        for number in 0..12 {
            let body = json!({ "attributes": { format!("{writer}-{number}"): number } });
            match instances[writer % 2].patch(&path, &body).await.status {
                200 => acknowledged += 1,
                503 => uncertain += 1,
                status => panic!("{status} is not true of a PATCH without If-Match"),
            }
        }
        (acknowledged, uncertain)
    };
    let counts = futures_util::future::join_all((0..4).map(writer)).await;
    let acknowledged: usize = counts.iter().map(|(acknowledged, _)| acknowledged).sum();
    let uncertain: usize = counts.iter().map(|(_, uncertain)| uncertain).sum();
    let stored = stored(&app, &path).await.unwrap();
    let members = stored["attributes"].as_object().unwrap().len();
    let versions = usize::try_from(stored["version"].as_u64().unwrap()).unwrap() - 1;
    assert_eq!(
        versions, members,
        "a change was made twice: {acknowledged} acknowledged, {uncertain} uncertain"
    );
    assert!(
        (acknowledged..=acknowledged + uncertain).contains(&members),
        "{members} {acknowledged} {uncertain}"
    );
}

/// A 5xx of DynamoDB is transient, whatever its code.
#[rstest]
#[case("GET", "/api/resources")]
#[case("POST", "/api/resources")]
#[case("PATCH", "/api/resources/ID")]
#[case("POST", "/api/resources/batch-get")]
#[tokio::test]
async fn a_5xx_of_dynamodb_that_nobody_knows_is_a_503(#[case] method: &str, #[case] path: &str) {
    let app = App::start().await;
    let proxy = dynamodb_proxy(app.store.endpoint(), |_| Fault::Fail("SomethingNewException")).await.unwrap();
    let app = app.through(&proxy).await;
    let body = if path.ends_with("batch-get") { json!({ "ids": [NOWHERE] }) } else { json!({ "name": "n" }) };
    let response = app.call(method, &path.replace("ID", NOWHERE)).json(&body).await;
    response.problem(503, "unavailable");
    assert!(response.header("retry-after").is_some());
}

#[tokio::test]
async fn a_batch_is_not_replayed_to_a_caller_who_may_no_longer_do_it() {
    let app = App::start().await;
    let id = app.created(json!({ "name": "n" })).await["id"].clone();
    let body = json!({ "operations": [
        { "op": "delete", "id": id },
        { "op": "create", "body": { "name": "secret" } },
    ] });
    let before = Caller { subject: "eve".to_owned(), ..Caller::example(Role::Moderator) };
    let after = Caller { role: Role::User, ..before.clone() };
    app.post("/api/resources/batch", &body).caller(&before).key("k").await.data(200);
    let response = app.post("/api/resources/batch", &body).caller(&after).key("k").await;
    response.problem(403, "forbidden");
    assert!(!response.text.contains("secret"));
}

/// Finds the largest resource that can be stored by bisection. Its item has room for a deletion by any
/// caller.
#[tokio::test]
async fn what_can_be_stored_can_be_deleted_and_restored_by_anyone() {
    let app = App::start().await;
    let long_name = "𝒳".repeat(256);
    let other = Caller { subject: long_name, ..Caller::example(Role::Moderator) };
    let body =
        |size: usize| json!({ "name": "n", "status": "draft", "attributes": { "a": "x".repeat(size) } });
    let (mut stored, mut refused, mut path) = (380_000, 409_600, String::new());
    while refused - stored > 1 {
        let middle = usize::midpoint(stored, refused);
        let response = app.post(ALL, &body(middle)).await;
        if response.status == 201 {
            stored = middle;
            path = format!("{ALL}/{}", response.body["data"]["id"].as_str().unwrap());
        } else {
            response.problem(413, "content_too_large");
            refused = middle;
        }
    }
    assert!(stored > 405_000, "only {stored} characters");
    // A PUT and a PATCH have the same limit.
    app.put(&path, &body(refused)).caller(&other).await.problem(413, "content_too_large");
    app.patch(&path, &body(refused)).caller(&other).await.problem(413, "content_too_large");
    app.put(&path, &body(stored - 1)).caller(&other).await.data(200);
    app.patch(&path, &body(stored)).caller(&other).await.data(200);
    for caller in [&other, &Caller::example(Role::Moderator)] {
        assert_eq!(app.delete(&path).caller(caller).await.status, 204);
        app.post(&format!("{path}/restore"), &json!({})).caller(caller).await.data(200);
    }
}
