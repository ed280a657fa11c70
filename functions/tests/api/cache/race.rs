//! Concurrent readers and writers on several instances, with delays between all steps: the cache never
//! returns a version older than one in an earlier response.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join;
use futures_util::future::join_all;
use redis::AsyncCommands as _;
use serde_json::{Value, json};
use testing::{Fault, RedisServer, cache_proxy, dynamodb_proxy};

use crate::app::{App, soak_time};

const RESOURCES: usize = 3;

/// A resource, and the version in the last response to a change.
struct Watched {
    path: String,
    id: String,
    answered: AtomicI64,
}

/// A random delay, in microseconds below a maximum.
fn delay(microseconds: u64) -> Fault {
    Fault::Delay(Duration::from_micros(fastrand::u64(0..microseconds)))
}

/// Instances that each use DynamoDB and the cache with their own delays.
async fn instances(app: &App, redis: &RedisServer, count: usize) -> Vec<App> {
    let mut instances = Vec::new();
    for _ in 0..count {
        let store = dynamodb_proxy(app.store.endpoint(), |_| match fastrand::u8(..3) {
            0 => Fault::DelayResponse(Duration::from_micros(fastrand::u64(0..8000))),
            _ => delay(3000),
        });
        let cache = cache_proxy(&format!("127.0.0.1:{}", redis.port()), || delay(3000)).await.unwrap();
        let url = format!("redis://{cache}");
        let slow = app.through(&store.await.unwrap()).await;
        instances.push(slow.instance_with(&[("CACHE_URL", &url)]).await);
    }
    instances
}

async fn watched(app: &App) -> Vec<Watched> {
    let mut watched = Vec::new();
    for number in 0..RESOURCES {
        let created = app.created(json!({ "name": format!("{number}") })).await;
        let id = created["id"].as_str().unwrap().to_owned();
        watched.push(Watched { path: format!("/api/resources/{id}"), id, answered: AtomicI64::new(1) });
    }
    watched
}

/// Changes a resource until `end` is set, also by deleting and restoring it.
async fn write(app: &App, resource: &Watched, end: &AtomicBool) {
    for number in 0.. {
        if end.load(Ordering::Relaxed) {
            break;
        }
        let call = match number % 4 {
            0 => app.put(&resource.path, &json!({ "name": format!("{number}") })),
            1 => app.patch(&resource.path, &json!({ "attributes": { "at": number } })),
            2 => {
                assert_eq!(app.delete(&resource.path).await.status, 204);
                resource.answered.fetch_add(1, Ordering::SeqCst);
                app.post(&format!("{}/restore", resource.path), &json!(null))
            }
            _ => app
                .patch(&resource.path, &json!({ "attributes": { "at": -number } }))
                .key(&format!("{number}-{}", resource.id)),
        };
        let version = call.await.data(200)["version"].as_i64().unwrap();
        resource.answered.store(version, Ordering::SeqCst);
    }
}

/// Reads until `end` is set, by id and with `batch-get`.
async fn read(app: &App, resources: &[Watched], end: &AtomicBool, reads: &AtomicUsize) {
    while !end.load(Ordering::Relaxed) {
        let resource = &resources[fastrand::usize(..resources.len())];
        let known = resource.answered.load(Ordering::SeqCst);
        let found: Value = if fastrand::bool() {
            app.get(&resource.path).await.body["data"].clone()
        } else {
            let body = json!({ "ids": [resource.id] });
            app.post("/api/resources/batch-get", &body).await.body["data"][0].clone()
        };
        reads.fetch_add(1, Ordering::Relaxed);
        // It may be deleted at this moment.
        if let Some(version) = found["version"].as_i64() {
            assert!(version >= known, "version {version} after {known} was answered");
            assert_eq!(found["id"], *resource.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_older_is_read_than_what_was_answered() {
    if !RedisServer::is_installed() {
        return;
    }
    let redis = RedisServer::start(&[]).unwrap();
    let app = App::with(&[]).await;
    let resources = watched(&app).await;
    let instances = instances(&app, &redis, 3).await;
    let (end, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    let writers =
        join_all(resources.iter().zip(instances.iter().cycle()).map(|(it, app)| write(app, it, &end)));
    let readers = join_all((0..9).map(|reader| read(&instances[reader % 3], &resources, &end, &reads)));
    let disturb = async {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", redis.port())).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let until = Instant::now() + soak_time();
        while Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(fastrand::u64(50..300))).await;
            let () = connection.flushall().await.unwrap();
        }
        end.store(true, Ordering::Relaxed);
    };
    join(join(writers, readers), disturb).await;
    let changes: i64 = resources.iter().map(|resource| resource.answered.load(Ordering::SeqCst)).sum();
    println!("{changes} changes and {} reads in {:?}", reads.load(Ordering::Relaxed), soak_time());
    assert!(changes > 20 && reads.load(Ordering::Relaxed) > 100);
}

/// A server that is killed under load and restarted causes no failed response.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_under_load_costs_no_answer() {
    if !RedisServer::is_installed() {
        return;
    }
    let redis = RedisServer::start(&[]).unwrap();
    let port = redis.port();
    let url = format!("redis://127.0.0.1:{port}");
    let app = App::with(&[("CACHE_URL", &url)]).await.with_cache_budget(Duration::from_millis(50)).await;
    let resources = watched(&app).await;
    let end = AtomicBool::new(false);
    let started = Instant::now();
    let latencies = std::sync::Mutex::new(Vec::new());
    let load = join_all((0..4).map(async |_| {
        while !end.load(Ordering::Relaxed) {
            let resource = &resources[fastrand::usize(..resources.len())];
            let begun = Instant::now();
            let response = app.get(&resource.path).await;
            latencies.lock().unwrap().push((begun.duration_since(started), begun.elapsed()));
            assert_eq!(response.data(200)["id"], *resource.id);
        }
    }));
    let killer = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(redis);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let redis = RedisServer::start_on(port, &[]).unwrap();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        end.store(true, Ordering::Relaxed);
        redis
    };
    let (_, _redis) = join(load, killer).await;
    let latencies = latencies.into_inner().unwrap();
    let within = |from: u64, to: u64| {
        let mut times: Vec<_> = latencies
            .iter()
            .filter(|(at, _)| (Duration::from_millis(from)..Duration::from_millis(to)).contains(at))
            .map(|(_, took)| *took)
            .collect();
        times.sort_unstable();
        let at = |share: usize| times.get((times.len() * share / 100).min(times.len() - 1)).copied().unwrap();
        (times.len(), at(50), at(99))
    };
    for (what, (reads, median, slow)) in [
        ("with the cache", within(0, 500)),
        ("the first second without", within(500, 1500)),
        ("with it again", within(2000, 3000)),
    ] {
        println!("{what}: {reads} reads, median {median:?}, 99% within {slow:?}");
    }
    for _ in 0..100 {
        if app.get(&resources[0].path).await.header("x-cache") == Some("hit") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the cache is not used again");
}
