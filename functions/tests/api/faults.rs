//! Every route with failures of DynamoDB: the response is correct, or a 503 in time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use resource_api::domain::Role;
use rstest::rstest;
use serde_json::{Value, json};
use testing::{Fault, Faults, RedisServer, dynamodb_proxy};

use crate::app::{App, Call, NOWHERE, Response, soak_time};

/// The time that Lambda gives each request, including the reserve for the response.
const TIME: Duration = Duration::from_millis(1500);

/// An API whose calls to DynamoDB have faults.
pub(crate) async fn faulty(app: &App, fate: impl Fn(&str) -> Fault + Send + Sync + 'static) -> App {
    let proxy = dynamodb_proxy(app.store.endpoint(), fate).await.unwrap();
    app.through(&proxy).await.with_time(TIME)
}

/// A request for each route, on a resource of its own, with its status if there are no faults.
async fn requests(app: &App) -> Vec<(String, String, Value, i64)> {
    let mut requests = Vec::new();
    for route in functions::ROUTES.iter().filter(|route| route.access.is_some()) {
        let related = app.created(json!({ "name": "related" })).await["id"].clone();
        let created = app.created(json!({ "name": "n", "related_ids": [related] })).await;
        let id = created["id"].as_str().unwrap();
        if route.name == "restore-resource" {
            app.delete(&format!("/api/resources/{id}")).await;
        }
        let body = match route.name {
            "batch-get-resources" => json!({ "ids": [id, related, NOWHERE] }),
            "batch-write-resources" => json!({ "operations": [
                { "op": "create", "body": { "name": "m" } }, { "op": "update", "id": id, "body": { "name": "m" } },
            ] }),
            _ => json!({ "name": "m" }),
        };
        let status = match route.name {
            "create-resource" => 201,
            "delete-resource" => 204,
            _ => 200,
        };
        let path = route.path.replace("{kind}", "resources").replace("{id}", id);
        let paths = match route.name {
            "list-resources" => vec![path.clone(), format!("{path}?fields=*&expand=related")],
            "get-resource" => vec![path.clone(), format!("{path}?expand=related")],
            "search-resources" => vec![format!("{path}?q=n+m"), format!("{path}?q=n&fields=*")],
            _ => vec![path],
        };
        requests.extend(paths.into_iter().map(|path| (route.method.to_string(), path, body.clone(), status)));
    }
    app.follow().await;
    requests
}

/// Checks a response under faults: in time, it is the correct one, or a 503 with `Retry-After`.
#[track_caller]
fn check(response: &Response, status: i64, started: Instant, what: &str) {
    assert!(started.elapsed() < TIME, "{what}: {:?}", started.elapsed());
    if response.status == 503 {
        response.problem(503, "unavailable");
        assert!(response.header("retry-after").is_some(), "{what}");
    } else {
        assert_eq!(response.status, status, "{what}: {response:#?}");
    }
}

#[rstest]
#[case::throttled("throttle=1")]
#[case::failing("error=1")]
#[case::requests_lost("lose-request=1")]
#[case::answers_lost("lose-response=1")]
#[case::partial_batches("partial=1")]
#[case::conflicts("conflict=1")]
#[case::hanging("hang=1")]
#[case::slow("latency=400")]
#[case::at_times_throttled("throttle=0.4")]
#[case::at_times_lost("lose-response=0.4,lose-request=0.1")]
#[case::mixed(
    "throttle=0.1,error=0.1,lose-request=0.1,lose-response=0.1,partial=0.1,conflict=0.1,latency=20"
)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_rightly_or_in_time_that_it_cannot(#[case] faults: &str) {
    let app = App::followed().await;
    let requests = requests(&app).await;
    let faults: Faults = faults.parse().unwrap();
    let faulty = faulty(&app, move |_| faults.next()).await;
    let answers = requests.iter().map(async |(method, path, body, status)| {
        for key in [None, Some("k")] {
            // A change without a key may be applied although its response is a 503, so it cannot be repeated.
            if key.is_some() != (method != "GET" && !path.ends_with("batch-get")) {
                continue;
            }
            let call = faulty.call(method, path).json(body).role(Role::Admin);
            let call = if let Some(key) = key { call.key(&format!("{key}{path}")) } else { call };
            let started = Instant::now();
            let response = call.await;
            check(&response, *status, started, &format!("{method} {path}"));
        }
    });
    join_all(answers).await;
    // Repeated without faults, each request has its usual response: nothing was applied partially or twice.
    for (method, path, body, status) in &requests {
        let call = app.call(method, path).json(body).role(Role::Admin);
        let response = call.key(&format!("k{path}")).await;
        assert_eq!(response.status, *status, "{method} {path}: {response:#?}");
        let version = &response.body["data"]["version"];
        let expected = match (&**method, path.ends_with("restore")) {
            ("PUT" | "PATCH", _) => json!(2),
            ("POST", true) => json!(3),
            _ => continue,
        };
        assert_eq!(*version, expected, "{method} {path}");
    }
}

/// If DynamoDB never responds, each route makes a limited number of attempts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_store_meets_no_storm() {
    let app = App::followed().await;
    let requests = requests(&app).await;
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let dead = faulty(&app, move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Fault::LoseRequest
    })
    .await
    .with_time(Duration::from_secs(10));
    for (method, path, body, _) in &requests {
        for key in [false, true] {
            count.store(0, Ordering::Relaxed);
            let call = dead.call(method, path).json(body).role(Role::Admin);
            let response = if key { call.key("k").await } else { call.await };
            response.problem(503, "unavailable");
            let attempts = count.load(Ordering::Relaxed);
            println!("{attempts} attempts: {method} {path}{}", if key { " with a key" } else { "" });
            // Several calls are concurrent, and the first that fails ends the request: the three partitions
            // of a list, the words of a search, a resource and its history.
            let at_once = match path.as_str() {
                _ if method != "GET" => 1,
                path if path == "/api/resources" || path.starts_with("/api/resources?") => 3,
                path if path.contains("q=n+m") || path.ends_with("/history") => 2,
                _ => 1,
            };
            let most = 3 * at_once;
            assert!((1..=most).contains(&attempts), "{attempts} attempts for {method} {path}");
        }
    }
}

/// The resources that a worker expects to be stored, each as in the last response.
pub(crate) type Ledger = BTreeMap<String, Value>;

/// Retries a change until the response is not a 503.
async fn call_with_retry<'a>(call: impl Fn() -> Call<'a>) -> Response {
    loop {
        let response = call().await;
        if response.status != 503 {
            return response;
        }
        assert!(response.header("retry-after").is_some());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Creates, changes, deletes and restores its own resources until the time is over, through alternating
/// instances. Records each response in a ledger.
pub(crate) async fn work(worker: usize, instances: &[App], until: Instant) -> Ledger {
    let mut ledger = Ledger::new();
    let mut deleted: Option<String> = None;
    for number in 0.. {
        if Instant::now() > until {
            break;
        }
        let app = &instances[(worker + number) % instances.len()];
        let key = format!("{worker}-{number}");
        let oldest = ledger.keys().nth(number % ledger.len().max(1)).cloned();
        match (number % 6, oldest) {
            (1, Some(id)) => {
                let body = json!({ "name": format!("{key} replaced") });
                let path = format!("/api/resources/{id}");
                let answer = call_with_retry(|| app.put(&path, &body).key(&key)).await;
                ledger.insert(id, answer.data(200).clone());
            }
            (2 | 3, Some(id)) => {
                let body = json!({ "attributes": { "at": number } });
                let path = format!("/api/resources/{id}");
                let answer = call_with_retry(|| app.patch(&path, &body).key(&key)).await;
                ledger.insert(id.clone(), answer.data(200).clone());
                let read = call_with_retry(|| app.get(&path)).await;
                assert_eq!(read.data(200), &ledger[&id], "a read after a change");
            }
            (4, Some(id)) if deleted.is_none() => {
                let path = format!("/api/resources/{id}");
                assert_eq!(call_with_retry(|| app.delete(&path).key(&key)).await.status, 204);
                call_with_retry(|| app.get(&path)).await.problem(404, "not_found");
                ledger.remove(&id);
                deleted = Some(id);
            }
            (5, _) if deleted.is_some() => {
                let id = deleted.take().unwrap();
                let path = format!("/api/resources/{id}/restore");
                let answer = call_with_retry(|| app.post(&path, &json!(null)).key(&key)).await;
                ledger.insert(id, answer.data(200).clone());
            }
            _ => {
                let create = json!({ "op": "create", "body": { "name": key } });
                let body = json!({ "operations": [create, create] });
                let answer = call_with_retry(|| app.post("/api/resources/batch", &body).key(&key)).await;
                for created in answer.data(200).as_array().unwrap() {
                    ledger.insert(created["id"].as_str().unwrap().to_owned(), created.clone());
                }
            }
        }
    }
    ledger
}

/// A soak test with faults in a fifth of all calls: at the end, exactly the acknowledged changes are stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_stored() {
    let redis = RedisServer::is_installed().then(|| RedisServer::start(&[]).unwrap());
    let url = redis.as_ref().map(|redis| format!("redis://127.0.0.1:{}", redis.port()));
    let cache: Vec<_> = url.iter().map(|url| ("CACHE_URL", &**url)).collect();
    let app = App::with(&cache).await;
    let mut instances = Vec::new();
    for _ in 0..3 {
        let faults = "throttle=0.05,error=0.04,lose-request=0.03,lose-response=0.04,partial=0.02,conflict=0.02,latency=3";
        let faults: Faults = faults.parse().unwrap();
        instances.push(faulty(&app, move |_| faults.next()).await.with_time(Duration::from_secs(10)));
    }
    let until = Instant::now() + soak_time();
    let ledgers = join_all((0..8).map(|worker| work(worker, &instances, until))).await;
    let ledger: Ledger = ledgers.into_iter().flatten().collect();
    assert!(ledger.len() > 20, "only {} resources", ledger.len());
    let mut stored = Ledger::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(&format!("/api/resources?limit=100&fields=*{cursor}")).await;
        for row in page.data(200).as_array().unwrap() {
            stored.insert(row["id"].as_str().unwrap().to_owned(), row.clone());
        }
        match page.body["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    println!("{} resources after {:?} with faults in a fifth of all calls", ledger.len(), soak_time());
    assert_eq!(ledger.len(), stored.len());
    for (id, expected) in &ledger {
        assert_eq!(&stored[id], expected);
        assert_eq!(app.get(&format!("/api/resources/{id}")).await.data(200), expected);
    }
}
