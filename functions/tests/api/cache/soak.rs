//! A soak test with failures of DynamoDB and the cache: after the stream is processed, the cache hides no
//! acknowledged change.

use std::time::Instant;

use futures_util::future::join_all;
use serde_json::json;
use testing::{Faults, RedisServer, cache_proxy, dynamodb_proxy};

use super::path_of;
use crate::app::{App, Response, soak_time};

/// The resources of a writer at the end.
#[derive(Default)]
struct Known {
    deleted: Vec<String>,
    /// The path and the last acknowledged value.
    counters: Vec<(String, u64)>,
}

/// Retries a change with an idempotency key until the response is not a 503.
async fn call_with_retry(call: impl AsyncFn() -> Response) -> Response {
    loop {
        let response = call().await;
        if response.status != 503 {
            return response;
        }
    }
}

/// Increments a counter in one resource, and creates, reads and deletes others.
async fn work(worker: usize, app: &App, instances: &[App], until: Instant) -> Known {
    let mut known = Known::default();
    let counter = path_of(&app.created(json!({ "name": "counter" })).await);
    let mut count = 0;
    for number in 0.. {
        if Instant::now() > until {
            break;
        }
        let instance = &instances[(worker + number) % instances.len()];
        let key = format!("{worker}-{number}");
        let body = json!({ "attributes": { "count": count + 1 } });
        let patched = call_with_retry(async || instance.patch(&counter, &body).key(&key).await).await;
        patched.data(200);
        count += 1;
        let path = path_of(&app.created(json!({ "name": key })).await);
        // This puts it into the cache.
        app.get(&path).await.data(200);
        let deleted =
            call_with_retry(async || instance.delete(&path).key(&format!("{key}-delete")).await).await;
        assert_eq!(deleted.status, 204);
        known.deleted.push(path);
    }
    known.counters.push((counter, count));
    known
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cache_hides_nothing_for_longer_than_the_stream_takes() {
    if !RedisServer::is_installed() {
        return;
    }
    let server = RedisServer::start(&[]).unwrap();
    let url = format!("redis://127.0.0.1:{}", server.port());
    let app = App::followed().await.instance_with(&[("CACHE_URL", &url)]).await;
    let mut instances = Vec::new();
    for _ in 0..2 {
        let of_store: Faults = "throttle=0.1,lose-response=0.05".parse().unwrap();
        let store = dynamodb_proxy(app.store.endpoint(), move |_| of_store.next()).await.unwrap();
        let of_cache: Faults = "lose-request=0.2,hang=0.05".parse().unwrap();
        let address = format!("127.0.0.1:{}", server.port());
        let cache = cache_proxy(&address, move || of_cache.next()).await.unwrap();
        let url = format!("redis://{cache}");
        let faulty = app.through(&store).await.instance_with(&[("CACHE_URL", &url)]).await;
        instances.push(faulty.with_cache_budget(std::time::Duration::from_millis(20)).await);
    }
    let until = Instant::now() + soak_time();
    let known = join_all((0..4).map(|worker| work(worker, &app, &instances, until))).await;
    let (mut hidden, mut deleted) = (0, 0);
    for path in known.iter().flat_map(|known| &known.deleted) {
        deleted += 1;
        hidden += usize::from(app.get(path).await.status != 404);
    }
    println!("{hidden} of {deleted} deletions were hidden by the cache until the stream was followed");
    assert!(deleted > 4);
    app.follow().await;
    for Known { deleted, counters } in &known {
        for path in deleted {
            app.get(path).await.problem(404, "not_found");
        }
        for (path, count) in counters {
            assert_eq!(app.get(path).await.data(200)["attributes"]["count"], *count);
        }
    }
}
