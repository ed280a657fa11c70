//! Dead letters in a folder: the printed lines, and the effect of a redrive. `moto.rs` has those in S3,
//! `lambda.rs` the invocation of deployed functions.

mod lambda;
mod moto;

use std::future::pending;
use std::time::Duration;

use kinds::RESOURCES;
use resource_api::domain::{Caller, Resource, Role, Shards, Timestamp, Values};
use resource_api::repository::ResourceRepository;
use resource_api::repository::sdk::types::AttributeValue;
use serde_json::json;
use tempfile::TempDir;
use testing::{Delivery, HttpMessage, TestStore, local_config};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::bucket::{Bucket, Entry};
use super::print::{function_name, line, record_lines};
use super::redrive::{Outcome, redrive};
use super::*;

/// The dead letter of a function that reports its first record as failed. The records are the creation of a
/// resource, an item that is not a resource, and a new name of the first.
async fn given_up() -> testing::DeadLetter {
    let store = TestStore::with_stream().await.unwrap();
    let table = store.table("ResourcesTable");
    let client = aws::dynamodb_from(&store.config());
    let resources = ResourceRepository::new(client.clone(), table.clone(), Shards::default());
    let author = Caller::example(Role::User);
    let values = Values::from_json(&RESOURCES, json!({ "name": "alpha" })).unwrap();
    let mut resource = Resource::new(values, &author, Timestamp::now());
    resources.store(&author.tenant, &resource).await.unwrap();
    let poison = AttributeValue::S("default#resources#poison".to_owned());
    client.put_item().table_name(&table).item("pk", poison).send().await.unwrap();
    resource.version += 1;
    resource.values = Values::from_json(&RESOURCES, json!({ "name": "beta" })).unwrap();
    resources.store(&author.tenant, &resource).await.unwrap();

    let delivery =
        Delivery { function: "process-changes", batch_size: 100, retries: 0, wait: Duration::ZERO };
    let mut letters = Vec::new();
    let give_up = async |letter: &testing::DeadLetter| {
        letters.push(letter.clone());
        Ok(())
    };
    let fails = async |event: &Value| Some(reported(event["Records"].as_array().unwrap(), &[0]));
    store.changes(delivery).await.unwrap().deliver(fails, give_up).await.unwrap();
    letters.pop().unwrap()
}

/// Installs the TLS provider that every HTTP client needs, as `main` does.
fn choose_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// An AWS service that sends one response: its URL, and the request that it receives. `head` has the status
/// and the header fields, separated by `|`.
async fn service(head: &str, body: &str) -> (String, JoinHandle<HttpMessage>) {
    choose_tls();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let head = ["HTTP/1.1 ", head].concat().split('|').map(str::to_owned).collect();
    let answer = HttpMessage { head, body: body.as_bytes().to_vec() };
    let asked = tokio::spawn(async move {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        let request = HttpMessage::read(&mut stream).await.unwrap();
        stream.write_all(&answer.bytes()).await.unwrap();
        request
    });
    (endpoint, asked)
}

/// The response of a function that reports the records at these positions as failed.
fn reported(records: &[Value], failed: &[usize]) -> Value {
    let failure = |at: &usize| json!({ "itemIdentifier": records[*at]["dynamodb"]["SequenceNumber"] });
    json!({ "batchItemFailures": failed.iter().map(failure).collect::<Vec<_>>() })
}

/// Stores that dead letter in an empty bucket.
async fn with_one(bucket: &Bucket) -> Entry {
    let letter = given_up().await;
    bucket.take(&letter).await.unwrap();
    let [entry] = &bucket.entries().await.unwrap()[..] else { panic!("not one dead letter") };
    assert_eq!(entry.key, letter.key);
    entry.clone()
}

/// A folder with only that dead letter.
async fn folder() -> (TempDir, Bucket, Entry) {
    let folder = TempDir::new().unwrap();
    let bucket = Bucket::folder(folder.path()).unwrap();
    let entry = with_one(&bucket).await;
    (folder, bucket, entry)
}

async fn get(bucket: &Bucket, entry: &Entry) -> DeadLetter {
    bucket.get(entry).await.unwrap().unwrap().unwrap()
}

/// Redrives a dead letter: a failure leaves all records, a partial failure some, and a success removes it.
async fn live_through(bucket: &Bucket) {
    let entry = with_one(bucket).await;
    let left = |records, of| move |outcome: &Outcome| matches!(outcome, Outcome::Left { records: left, of: before, .. } if (*left, *before) == (records, of));
    let failing = async |_: &DeadLetter| Err(anyhow!("out of order"));
    let outcome = redrive(bucket, &entry, failing).await.unwrap();
    assert!(left(3, 3)(&outcome) && outcome.to_string().contains("out of order"), "{outcome}");
    assert_eq!(get(bucket, &entry).await.records().len(), 3);

    let second_fails = async |letter: &DeadLetter| Ok(reported(letter.records(), &[1]));
    let outcome = redrive(bucket, &entry, second_fails).await.unwrap();
    assert!(left(1, 3)(&outcome), "{outcome}");
    let rest = get(bucket, &entry).await;
    assert_eq!(rest.records()[0]["dynamodb"]["Keys"]["pk"]["S"], "default#resources#poison");

    let succeeding = async |_: &DeadLetter| Ok(json!({ "batchItemFailures": [] }));
    assert_eq!(redrive(bucket, &entry, succeeding).await.unwrap(), Outcome::Done { records: 1 });
    assert_eq!(bucket.entries().await.unwrap(), []);
    assert_eq!(redrive(bucket, &entry, succeeding).await.unwrap(), Outcome::Gone);
}

#[tokio::test]
async fn only_what_a_function_has_done_is_removed() {
    let folder = TempDir::new().unwrap();
    live_through(&Bucket::folder(folder.path()).unwrap()).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "empty folders are left");
}

#[tokio::test]
async fn what_another_function_answers_removes_no_dead_letter() {
    let (_folder, bucket, entry) = folder().await;
    for answer in [json!({}), Value::Null, json!("done"), json!({ "batchItemFailures": null })] {
        let other = async |_: &DeadLetter| Ok(answer.clone());
        let outcome = redrive(&bucket, &entry, other).await.unwrap();
        assert!(matches!(outcome, Outcome::Left { .. }), "{answer}: {outcome}");
        assert_eq!(bucket.entries().await.unwrap(), std::slice::from_ref(&entry));
    }
}

#[tokio::test]
async fn a_redrive_that_is_killed_before_the_answer_leaves_the_dead_letter() {
    let (_folder, bucket, entry) = folder().await;
    let before = get(&bucket, &entry).await;
    let hanging = async |_: &DeadLetter| pending().await;
    assert!(timeout(Duration::from_millis(50), redrive(&bucket, &entry, hanging)).await.is_err());
    assert_eq!(get(&bucket, &entry).await, before);
}

#[tokio::test]
async fn an_object_that_is_no_dead_letter_is_named_and_stays() {
    let (folder, bucket, entry) = folder().await;
    std::fs::write(folder.path().join(entry.key.as_ref()), "{}").unwrap();
    let never = async |_: &DeadLetter| panic!("a function was invoked");
    let outcome = redrive(&bucket, &entry, never).await.unwrap().to_string();
    assert!(outcome.contains(entry.key.as_ref()) && outcome.contains("is not a dead letter"), "{outcome}");
    assert_eq!(bucket.entries().await.unwrap(), [entry]);
}

#[tokio::test]
async fn an_id_may_be_shortened_as_long_as_it_is_that_of_one() {
    let (folder, bucket, entry) = folder().await;
    assert_eq!(bucket.entry(&entry.id).await.unwrap(), entry);
    assert_eq!(bucket.entry(&entry.id[..8]).await.unwrap(), entry);
    let none = bucket.entry("none").await.unwrap_err().to_string();
    assert!(none.contains("begins with none"), "{none}");
    let file = folder.path().join(entry.key.as_ref());
    std::fs::copy(&file, format!("{}0", file.display())).unwrap();
    let several = bucket.entry(&entry.id).await.unwrap_err().to_string();
    assert!(several.starts_with("2 dead letters") && several.contains(&entry.id), "{several}");
    assert!(bucket.entry("").await.is_err(), "an empty id names every dead letter");
}

#[tokio::test]
async fn what_is_printed_names_the_resource_and_what_happened_to_it() {
    let (_folder, bucket, entry) = folder().await;
    let letter = get(&bucket, &entry).await;
    let lines = record_lines(&letter);
    let [created, poison, renamed] = &lines[..] else { panic!("{lines:#?}") };
    assert!(
        created.contains("resources of the tenant default, ") && created.contains(" version 1: created by "),
        "{created}"
    );
    assert!(poison.starts_with("default#resources#poison: the record cannot be read: "), "{poison}");
    assert!(renamed.contains(" version 2: updated by ") && renamed.ends_with(": name"), "{renamed}");

    let oldest = letter.oldest_change_at().unwrap().as_microseconds() / 1_000_000;
    let listed = |seconds| line(&entry, Ok(&letter), Timestamp::from_epoch(oldest + seconds, 0));
    for (seconds, age) in [(5, " 5s "), (65, " 1m 5s "), (7500, " 2h 5m "), (90_000, " 1d 1h ")] {
        let line = listed(seconds);
        assert!(line.starts_with(&entry.id) && line.contains(age), "{line}");
        assert!(line.contains("process-changes, RetryAttemptsExhausted, test-"), "{line}");
        assert!(line.contains("-ResourcesTable, shardId-"), "{line}");
    }
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named() {
    let body = "<Error><Code>AccessDenied</Code><Message>Not you</Message></Error>";
    let (endpoint, _) = service("403 Forbidden|content-type: application/xml", body).await;
    let config = local_config(&endpoint);
    let bucket = Bucket::s3_at(Some(endpoint), &config, "letters".to_owned()).await.unwrap();
    let error = format!("{:#}", bucket.entries().await.unwrap_err());
    let expected = "the credentials do not permit s3:ListBucket on the bucket letters in us-east-1: Not you";
    assert_eq!(error, expected);
}

#[test]
fn a_function_is_named_by_its_arn_or_its_name() {
    for function in [
        "process-changes",
        "arn:aws:lambda:us-east-1:123456789012:function:process-changes",
        "arn:aws:lambda:us-east-1:123456789012:function:process-changes:$LATEST",
    ] {
        assert_eq!(function_name(function), "process-changes");
    }
}
