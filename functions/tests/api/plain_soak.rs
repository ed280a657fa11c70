//! A soak test of writes without idempotency keys: with faults in a fifth of all calls, each response is
//! correct, and no change is applied twice.

use std::time::Instant;

use futures_util::future::join_all;
use resource_api::domain::Role;
use serde_json::{Value, json};

use crate::app::{App, soak_time};

/// The state of a resource, as its only writer expects it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    version: u64,
    name: String,
    deleted: bool,
}

/// The stored state of the resource.
async fn stored(app: &App, id: &str) -> Known {
    let living = app.get(&format!("/api/resources/{id}")).await;
    let (row, deleted) = if living.status == 200 {
        (living.body["data"].clone(), false)
    } else {
        let list = app.get("/api/resources?status=deleted&limit=100").role(Role::Admin).await;
        let rows = list.data(200).as_array().unwrap();
        (rows.iter().find(|row| row["id"] == id).unwrap().clone(), true)
    };
    let name = row["name"].as_str().unwrap().to_owned();
    Known { version: row["version"].as_u64().unwrap(), name, deleted }
}

/// Changes its own resource until the time is over. Returns the numbers of conclusive responses and of 503s.
async fn work(worker: usize, app: &App, instances: &[App], until: Instant) -> (usize, usize) {
    let id = app.created(json!({ "name": "0" })).await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/resources/{id}");
    let mut known = Known { version: 1, name: "0".to_owned(), deleted: false };
    let (mut certain, mut uncertain) = (0, 0);
    for number in 1.. {
        if Instant::now() > until {
            break;
        }
        let instance = &instances[(worker + number) % instances.len()];
        let (name, tag) = (number.to_string(), format!("\"{}\"", known.version));
        let body = json!({ "name": name });
        let changed = Known { version: known.version + 1, name, ..known.clone() };
        let (call, changed) = match number % 5 {
            _ if known.deleted => {
                let restored = Known { name: known.name.clone(), deleted: false, ..changed };
                (instance.post(&format!("{path}/restore"), &Value::Null), restored)
            }
            0 => (instance.delete(&path), Known { name: known.name.clone(), deleted: true, ..changed }),
            1 => (instance.put(&path, &body).header("if-match", &tag), changed),
            2 => (instance.put(&path, &body), changed),
            3 => (instance.patch(&path, &body).header("if-match", &tag), changed),
            _ => (instance.patch(&path, &body), changed),
        };
        let response = call.await;
        let found = stored(app, &id).await;
        match response.status {
            200 | 204 => {
                certain += 1;
                assert_eq!(found, changed, "{response:#?}");
            }
            503 => {
                uncertain += 1;
                assert!(found == changed || found == known, "{found:?} is neither {known:?} nor {changed:?}");
            }
            // No other writer changes it, so any refusal is wrong.
            status => panic!("{status} of {path}: {response:#?}"),
        }
        known = found;
    }
    (certain, uncertain)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_to_a_plain_write_is_true() {
    let app = App::start().await;
    let instances = app.unlucky_instances().await;
    let until = Instant::now() + soak_time();
    let counts = join_all((0..8).map(|worker| work(worker, &app, &instances, until))).await;
    let certain: usize = counts.iter().map(|(certain, _)| certain).sum();
    let uncertain: usize = counts.iter().map(|(_, uncertain)| uncertain).sum();
    println!("{certain} writes were answered, {uncertain} answers were uncertain, in {:?}", soak_time());
    assert!(certain > 20);
}
