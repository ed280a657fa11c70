//! Redriving discarded batches: in any order, any number of times, and partially.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use functions::KINDS;
use futures_util::future::{join, join_all};
use resource_api::domain::{Field, Kind, Kinds, Role, Statuses};
use resource_api::stream::DeadLetter;
use serde_json::{Value, json};
use testing::{Delivery, Faults};

use super::{items, processor, records};
use crate::app::following::{DELIVERY, function, invoke};
use crate::app::{App, client, soak_time};
use crate::faults::{Ledger, faulty, work};

/// A kind, and its declaration in the earlier deployment, which cannot read closed notes.
const NOTES: Kind = Kind::new("notes", "note")
    .fields(&[Field::text("title").required().length(1, 100).searched()])
    .statuses(Statuses::of(&["open", "closed"]));
const NOTES_BEFORE: Kind = Kind { statuses: Statuses::of(&["open"]), ..NOTES };

/// Processes all changes with the function of an instance. Returns the dead letters.
async fn give_up_by(instance: &App, delivery: Delivery) -> Vec<Value> {
    let mut source = instance.store.changes(delivery).await.unwrap();
    let (function, mut letters) = (instance.follower(), Vec::new());
    let give_up = async |letter: &testing::DeadLetter| {
        letters.push(letter.body.clone());
        Ok(())
    };
    source.deliver(async |event| invoke(&function, event).await, give_up).await.unwrap();
    letters
}

/// Redrives a dead letter. Returns the rest of it, as an object of the bucket.
async fn redrive(instance: &App, letter: &Value) -> Option<Value> {
    let letter = DeadLetter::parse(letter.to_string().as_bytes()).unwrap();
    let left = match invoke(&instance.follower(), &letter.event()).await {
        None => Some(letter),
        Some(answer) => letter.left_by(&answer),
    };
    left.map(|letter| letter.to_json())
}

async fn note(app: &App, title: &str, status: &str) -> String {
    let created = app.post("/api/notes", &json!({ "title": title, "status": status })).await;
    created.data(201)["id"].as_str().unwrap().to_owned()
}

/// The titles that are found, the newest first.
async fn found(app: &App, word: &str) -> Value {
    app.get(&format!("/api/notes/search?q={word}&fields=title")).await.data(200).clone()
}

/// The versions of a note's history.
async fn versions(app: &App, id: &str) -> Vec<Value> {
    let history = app.get(&format!("/api/notes/{id}/history")).role(Role::Admin).await;
    history.data(200).as_array().unwrap().iter().map(|entry| entry["version"].clone()).collect()
}

/// An API, its earlier deployment, the ids of three notes, one of which that deployment cannot read, and its
/// dead letters.
async fn given_up() -> (App, App, [String; 3], Vec<Value>) {
    let app = App::followed_of(Kinds::of(&[&NOTES])).await;
    let ids = [
        note(&app, "alpha one", "open").await,
        note(&app, "alpha two", "closed").await,
        note(&app, "alpha three", "open").await,
    ];
    let before = app.declared_as(Kinds::of(&[&NOTES_BEFORE])).await;
    let letters = give_up_by(&before, Delivery { retries: 1, ..DELIVERY }).await;
    (app, before, ids, letters)
}

#[tokio::test]
async fn once_the_cause_is_gone_a_redrive_makes_search_and_history_complete() {
    let (app, _, ids, letters) = given_up().await;
    assert_eq!(found(&app, "alpha").await, json!([{ "title": "alpha three" }, { "title": "alpha one" }]));
    assert_eq!(versions(&app, &ids[1]).await, Vec::<Value>::new());
    // The note that cannot be read, and the one after it in the batch.
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0]["DDBStreamBatchInfo"]["batchSize"], 2);
    for _ in 0..2 {
        assert_eq!(redrive(&app, &letters[0]).await, None);
        let all = json!([{ "title": "alpha three" }, { "title": "alpha two" }, { "title": "alpha one" }]);
        assert_eq!(found(&app, "alpha").await, all);
        for id in &ids {
            assert_eq!(versions(&app, id).await, [1]);
        }
    }
}

#[tokio::test]
async fn a_partial_failure_leaves_only_what_failed() {
    let (app, before, ids, letters) = given_up().await;
    let left = redrive(&before, &letters[0]).await.unwrap();
    assert_eq!(left["DDBStreamBatchInfo"]["batchSize"], 1);
    assert_eq!(redrive(&before, &left).await, Some(left.clone()));
    assert_eq!(redrive(&app, &left).await, None);
    assert_eq!(versions(&app, &ids[1]).await, [1]);
}

#[tokio::test]
async fn a_redrive_after_later_changes_undoes_none_of_them() {
    let (app, _, ids, letters) = given_up().await;
    let path = format!("/api/notes/{}", ids[1]);
    app.patch(&path, &json!({ "title": "beta" })).await.data(200);
    let purged = note(&app, "alpha gone", "closed").await;
    app.follow().await;
    app.delete(&format!("/api/notes/{purged}?purge=true")).role(Role::Admin).await;
    app.delete(&format!("/api/notes/{}", ids[2])).await;
    app.follow().await;
    let tables = async || (items(&app.store, "SearchTable").await, items(&app.store, "HistoryTable").await);
    let (words, history) = tables().await;
    assert_eq!(redrive(&app, &letters[0]).await, None);
    assert_eq!(tables().await, (words, history));
    assert_eq!(found(&app, "beta").await, json!([{ "title": "beta" }]));
    assert_eq!(versions(&app, &ids[1]).await, [2, 1]);
}

/// The first attempts all fail, so that some batches are discarded.
const FIRST_FAILURES: usize = 20;

/// Processes the changes while they are made. Processes some batches only in part, or not at all. Returns the
/// dead letters.
async fn follow_badly(app: &App, done: &AtomicBool) -> Vec<Value> {
    let delivery = Delivery { retries: 1, batch_size: 20, ..DELIVERY };
    let mut source = app.store.changes(delivery).await.unwrap();
    let (function, mut letters) = (app.follower(), Vec::new());
    let attempts = AtomicUsize::new(0);
    loop {
        let was_done = done.load(Ordering::Relaxed);
        let bad = async |event: &Value| {
            let records = event["Records"].as_array().unwrap();
            let first = attempts.fetch_add(1, Ordering::Relaxed) < FIRST_FAILURES;
            match fastrand::u8(..10) {
                _ if first => None,
                0..=2 => None,
                3..=5 => {
                    // Only the records before some record are processed.
                    let at = fastrand::usize(..records.len());
                    invoke(&function, &json!({ "Records": records[..at] })).await?;
                    let failed = &records[at]["dynamodb"]["SequenceNumber"];
                    Some(json!({ "batchItemFailures": [{ "itemIdentifier": failed }] }))
                }
                _ => invoke(&function, event).await,
            }
        };
        let give_up = async |letter: &testing::DeadLetter| {
            letters.push(letter.body.clone());
            Ok(())
        };
        source.deliver(bad, give_up).await.unwrap();
        if was_done {
            return letters;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Redrives each dead letter at least once and some several times, in random order, while some attempts fail.
async fn redrive_all(app: &App, mut letters: Vec<Value>) {
    while !letters.is_empty() {
        let letter = letters.swap_remove(fastrand::usize(..letters.len()));
        match fastrand::u8(..6) {
            // The function fails, or is killed half-way, and the dead letter remains.
            0 => letters.push(letter),
            1 => {
                redrive(app, &letter).await;
                letters.push(letter);
            }
            _ => letters.extend(redrive(app, &letter).await),
        }
    }
}

/// A soak test of writes with faults, processed by a function that discards many batches: redriving them adds
/// exactly the missing data.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_followed_once_it_is_redriven() {
    let app = App::followed().await;
    let faults: Faults =
        "throttle=0.05,error=0.04,lose-request=0.03,lose-response=0.04,conflict=0.02".parse().unwrap();
    let unlucky = faulty(&app, move |_| faults.next()).await.with_time(Duration::from_secs(10));
    let (instances, done) = ([unlucky], AtomicBool::new(false));
    let until = Instant::now() + soak_time();
    let written = async {
        let ledgers = join_all((0..4).map(|worker| work(worker, &instances, until))).await;
        done.store(true, Ordering::Relaxed);
        ledgers.into_iter().flatten().collect::<Ledger>()
    };
    let (ledger, letters) = join(written, follow_badly(&app, &done)).await;
    println!("{} resources, {} dead letters in {:?}", ledger.len(), letters.len(), soak_time());
    assert!(ledger.len() > 5 && !letters.is_empty());
    redrive_all(&app, letters).await;

    for (id, resource) in &ledger {
        let path = format!("/api/resources/{id}/history?limit=100");
        let history = app.get(&path).role(Role::Admin).await;
        let entries = history.data(200).as_array().unwrap();
        assert_eq!(entries[0]["resource"], *resource);
        let versions: Vec<_> = entries.iter().map(|entry| entry["version"].as_u64().unwrap()).collect();
        let newest = resource["version"].as_u64().unwrap();
        assert!(versions.into_iter().eq((1..=newest).rev().take(100)), "{id}");
    }
    // The tables equal those of a function that discarded nothing.
    let derived = app.store.sibling().await.unwrap();
    let all = json!({ "Records": records(&app).await });
    let patient = function(Arc::new(processor(&app.store, &derived, &client(&app.store))), KINDS);
    invoke(&patient, &all).await.unwrap();
    for table in ["SearchTable", "HistoryTable"] {
        assert_eq!(items(&app.store, table).await, items(&derived, table).await, "{table}");
    }
}
