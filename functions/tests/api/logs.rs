//! The line that each request leaves in the log, and what never stands in one.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use resource_api::config::{Environment, LoggingConfig};
use resource_api::domain::Role;
use resource_api::telemetry::{json_lines, log_panics};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

thread_local! {
    /// What is logged on this thread, while a test listens.
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// What is logged on this thread from the start of this on. Each test has a thread and a runtime of its own.
pub(crate) struct Log(());

/// Writes to the lines of the thread that logs.
struct ToThread;

impl Write for ToThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.as_mut().map(|lines| lines.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(crate) fn start() -> Self {
        // One subscriber for all threads: `tracing` remembers for each place in the code whether anybody listens, and
        // subscribers that come and go on other threads would make it forget this one.
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let filter = |_: &str| Some("info,resource_api=debug".to_owned());
            let config = LoggingConfig::read(&mut Environment::new(filter));
            tracing::subscriber::set_global_default(json_lines(config, || ToThread)).unwrap();
        });
        LINES.set(Some(Vec::new()));
        Self(())
    }

    pub(crate) fn text(&self) -> String {
        let Self(()) = self;
        LINES.with_borrow(|lines| String::from_utf8(lines.clone().unwrap()).unwrap())
    }

    /// The lines of requests alone: the embedded DynamoDB writes to this log too.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["message"] == "request").collect()
    }

    /// The lines that are there unless more is asked for.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.all_lines().into_iter().filter(|line| line["level"] != "DEBUG").collect()
    }

    fn all_lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[tokio::test]
async fn a_request_leaves_one_line() {
    let app = App::start().await;
    let log = Log::start();
    let call = app.get("/api/resources?limit=5").header("x-request-id", "my-id");
    call.header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").await;
    let [line] = log.lines().try_into().unwrap();
    let mut line: Value = line;
    assert!(line["duration_ms"].as_f64().unwrap() > 0.0);
    assert!(line["cold_start"].is_boolean());
    assert!(line["timestamp"].is_string());
    assert!(line["caller"].as_str().unwrap().starts_with("default#"));
    for varying in ["duration_ms", "cold_start", "timestamp"] {
        line.as_object_mut().unwrap().remove(varying);
    }
    let expected = json!({
        "level": "INFO", "target": "resource_api::telemetry::request_log", "message": "request",
        "route": "list-resources", "method": "GET", "path": "/api/resources", "status": 200,
        "caller": line["caller"], "dynamodb_calls": 3, "dynamodb_operations": "Query:3",
        "dynamodb_read_units": line["dynamodb_read_units"], "dynamodb_write_units": 0.0,
        "span": { "name": "request", "request_id": "my-id", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736" },
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn each_request_costs_what_its_line_says() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let cost = async |call: crate::app::Call<'_>| {
        let log = Log::start();
        call.await;
        let line = log.lines().pop().unwrap();
        (line["dynamodb_operations"].as_str().unwrap().to_owned(), line["dynamodb_calls"].as_i64().unwrap())
    };
    let create = json!({ "op": "create", "body": { "name": "n" } });
    let other = app.created(json!({ "name": "n" })).await;
    let update = json!({ "op": "update", "id": other["id"], "body": { "name": "o" } });
    let batch = json!({ "operations": vec![&create; 100] });
    let mixed = json!({ "operations": [create, update] });
    let stale = json!({ "operations": [{ "op": "delete", "id": other["id"], "if_match": "9" }] });
    let cases = [
        (app.get("/api/resources"), "Query:3"),
        (app.get("/api/resources?status=draft"), "Query:1"),
        (app.get("/api/resources?status=draft,active&limit=100"), "Query:2"),
        (app.get("/api/resources?sort=name&offset=1000"), "Query:3"),
        (app.get("/api/resources?status=active&sort=-updated&created_by=x"), "Query:1"),
        (app.get("/api/resources?status=active&fields=related_ids,name"), "Query:1"),
        (app.get("/api/resources?status=active&fields=*"), "BatchGetItem:1,Query:1"),
        (app.get("/api/resources?status=draft&fields=*&expand=related"), "Query:1"),
        (
            app.get("/api/resources?created_after=2026-11-22T00:00:00Z&created_before=2026-11-22T00:00:00Z"),
            "",
        ),
        (app.get(&path), "GetItem:1"),
        (app.get(&format!("{path}?fields=name")), "GetItem:1"),
        (app.get(&format!("{path}?expand=related")), "GetItem:1"),
        (app.get(&format!("{path}/related")), "GetItem:1"),
        (app.post("/api/resources/batch-get", &json!({ "ids": vec![NOWHERE; 100] })), "BatchGetItem:1"),
        (app.post("/api/resources", &json!({ "name": "n" })), "PutItem:1"),
        (app.put(&path, &json!({ "name": "m" })), "UpdateItem:1"),
        (app.put(&path, &json!({ "name": "m" })), "UpdateItem:1"),
        (app.put(&path, &json!({ "name": "o" })).header("if-match", "\"9\""), "UpdateItem:1"),
        (app.patch(&path, &json!({ "name": "p" })), "GetItem:1,PutItem:1"),
        (app.patch(&path, &json!({ "name": "p" })), "GetItem:1"),
        (app.patch(&path, &json!({ "name": "q" })).header("if-match", "\"9\""), "GetItem:1"),
        (app.patch(&path, &json!({ "name": "k" })).key("a"), "GetItem:1,TransactWriteItems:1"),
        (app.patch(&path, &json!({ "name": "k" })).key("a"), "GetItem:1,TransactWriteItems:1"),
        (app.put(&path, &json!({ "name": "k" })).key("b"), "GetItem:1,TransactWriteItems:1"),
        (app.post("/api/resources", &json!({ "name": "n" })).key("c"), "TransactWriteItems:1"),
        (app.post("/api/resources", &json!({ "name": "n" })).key("c"), "TransactWriteItems:1"),
        (app.post("/api/resources", &json!({ "name": "n" })).key("a"), "TransactWriteItems:1"),
        (app.delete(&path).header("if-match", "\"9\""), "UpdateItem:1"),
        (app.delete(&path).header("if-match", "\"9\"").key("d"), "GetItem:2"),
        (app.delete(&path).key("e"), "GetItem:1,TransactWriteItems:1"),
        (app.delete(&path), "UpdateItem:1"),
        (app.post(&format!("{path}/restore"), &json!({})), "GetItem:1,PutItem:1"),
        (app.post(&format!("{path}/restore"), &json!({})), "GetItem:1"),
        (app.delete(&path), "UpdateItem:1"),
        (app.delete(&format!("{path}?purge=true")).role(Role::Admin), "DeleteItem:1"),
        (app.post("/api/resources/batch", &batch), "TransactWriteItems:1"),
        (app.post("/api/resources/batch", &mixed), "BatchGetItem:1,TransactWriteItems:1"),
        (app.post("/api/resources/batch", &mixed).key("f"), "BatchGetItem:1,TransactWriteItems:1"),
        (app.post("/api/resources/batch", &stale), "BatchGetItem:1"),
        (app.get("/api/resources/x"), ""),
        (app.post("/api/resources", &json!({})), ""),
        (app.get("/health"), ""),
    ];
    for (number, (call, operations)) in cases.into_iter().enumerate() {
        let (logged, calls) = cost(call).await;
        assert_eq!(logged, operations, "case {number}");
        let expected: i64 =
            operations.split(',').filter_map(|part| part.split_once(':')?.1.parse::<i64>().ok()).sum();
        assert_eq!(calls, expected, "case {number}");
    }
}

/// What the last request with such a path asked of DynamoDB.
async fn operations(app: &App, path: &str) -> String {
    let log = Log::start();
    app.get(path).await.data(200);
    log.lines().pop().unwrap()["dynamodb_operations"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn relations_of_a_page_are_one_batch_read() {
    let app = App::start().await;
    let mut ids: Vec<Value> = Vec::new();
    for number in 0..40 {
        let related = ids.iter().rev().take(5).collect::<Vec<_>>();
        let status = if number < 20 { "draft" } else { "active" };
        ids.push(
            app.created(json!({ "name": "n", "status": status, "related_ids": related })).await["id"].clone(),
        );
    }
    let list = |parameters: &str| format!("/api/resources?status=active&expand=related{parameters}");
    assert_eq!(operations(&app, &list("")).await, "BatchGetItem:1,Query:1");
    assert_eq!(operations(&app, &list("&fields=*")).await, "BatchGetItem:2,Query:1");
    let path = format!("/api/resources/{}", ids[39].as_str().unwrap());
    assert_eq!(operations(&app, &format!("{path}?expand=related")).await, "BatchGetItem:1,GetItem:1");
    assert_eq!(operations(&app, &format!("{path}/related")).await, "BatchGetItem:1,GetItem:1");
}

/// 100 rows with 100 relations each: no id is asked for twice, and 100 with each call.
#[rstest]
#[case::all_different(100, "BatchGetItem:100,Query:1")]
#[case::the_same_for_all(0, "BatchGetItem:1,Query:1")]
#[case::half_of_each_the_next_ones(50, "BatchGetItem:51,Query:1")]
#[tokio::test]
async fn a_full_page_with_all_its_relations_is_the_fewest_calls(#[case] step: u64, #[case] expected: &str) {
    let app = App::start().await;
    for number in 0..100 {
        let id = |at: u64| format!("019a1b2c-0000-7000-8000-{:012x}", number * step + at);
        let related: Vec<_> = (0..100).map(id).collect();
        app.created(json!({ "name": "n", "related_ids": related })).await;
    }
    assert_eq!(operations(&app, "/api/resources?status=active&expand=related&limit=100").await, expected);
}

#[tokio::test]
async fn the_plan_of_a_list_is_logged_for_who_looks_closer() {
    let app = App::start().await;
    app.created(json!({ "name": "n" })).await;
    let log = Log::start();
    app.get("/api/resources?sort=-name&status=active&created_by=s3cret&created_after=2026-11-22T00:00:00Z")
        .await;
    let lines = log.all_lines();
    let plan = lines.iter().find(|line| line["message"] == "plan of a list").unwrap();
    let expected = json!({
        "level": "DEBUG", "target": "resource_api::repository::listing::plan", "message": "plan of a list",
        "index": "by_name", "partitions": 1, "from": "open", "to": "open", "descending": true, "filter": "created_by,id",
        "projection": "id,name,status,related_ids,version,updated_at,created_by,purge_at,name_key", "skip": 0, "limit": 20,
        "rows": 256, "timestamp": plan["timestamp"], "span": plan["span"],
    });
    assert_eq!(*plan, expected);
    assert_eq!(plan["span"]["request_id"], "gateway-request-id");
    assert!(!log.text().contains("s3cret"));
}

/// What changes of resources of up to 1 KB take, without an idempotency key and with one. DynamoDB does not report the
/// unit of a failed condition.
#[tokio::test]
async fn each_change_takes_the_units_that_the_architecture_says() {
    let app = App::start().await;
    let id = app.created(json!({ "name": "n" })).await["id"].as_str().unwrap().to_owned();
    let other = app.created(json!({ "name": "n" })).await["id"].as_str().unwrap().to_owned();
    let path = &format!("/api/resources/{id}");
    let create = json!({ "op": "create", "body": { "name": "n" } });
    let ten = json!({ "operations": vec![create; 10] });
    let restore = || app.post(&format!("{path}/restore"), &json!(null));
    let purge = |id: &str| app.delete(&format!("/api/resources/{id}?purge=true")).role(Role::Admin);
    let cases = [
        (app.post("/api/resources", &json!({ "name": "n" })), 4.0),
        (app.post("/api/resources", &json!({ "name": "n" })).key("create"), 7.0),
        (app.put(path, &json!({ "name": "a" })), 6.0),
        (app.put(path, &json!({ "name": "b" })).key("replace"), 9.0),
        (app.put(path, &json!({ "name": "b" })), 0.0),
        (app.patch(path, &json!({ "description": "c" })), 5.0),
        (app.patch(path, &json!({ "description": "d" })).key("update"), 8.0),
        (app.patch(path, &json!({ "name": "e" })), 6.0),
        (app.patch(path, &json!({ "status": "draft" })), 7.0),
        (app.delete(path), 7.0),
        (restore(), 7.0),
        (app.delete(path).key("delete"), 10.0),
        (restore().key("restore"), 10.0),
        (app.post("/api/resources/batch", &ten), 50.0),
        (app.post("/api/resources/batch", &ten).key("batch"), 56.0),
        (purge(&id), 4.0),
        (purge(&other).key("purge"), 7.0),
    ];
    for (number, (call, units)) in cases.into_iter().enumerate() {
        let log = Log::start();
        let response = call.await;
        assert!(response.status < 300, "case {number}: {response:#?}");
        if app.store.counts_units() {
            assert_eq!(log.lines().pop().unwrap()["dynamodb_write_units"], units, "case {number}");
        }
    }
}

#[tokio::test]
async fn capacity_units_are_counted() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n", "attributes": { "a": "x".repeat(9_000) } })).await;
    let log = Log::start();
    app.get(&format!("/api/resources/{}", created["id"].as_str().unwrap())).await;
    // A strongly consistent read takes 1 unit for each 4 KB.
    assert_eq!(log.lines()[0]["dynamodb_read_units"], 3.0);
}

#[tokio::test]
async fn neither_tokens_nor_bodies_nor_queries_are_logged() {
    let app = App::start().await;
    let log = Log::start();
    let body = json!({ "name": "s3cret", "colour": "s3cret", "attributes": { "s3cret": "s3cret" } });
    app.post("/api/resources?s3cret=1", &body).header("authorization", "Bearer s3cret").await;
    app.post("/api/resources?s3cret=1", &body).await;
    app.post("/api/resources", &body).await;
    app.get("/api/resources?cursor=s3cret&limit=s3cret").header("if-match", "s3cret").await;
    assert_eq!(log.lines().len(), 4);
    assert!(!log.text().contains("s3cret"), "{}", log.text());
}

#[rstest]
#[case::client_error("/api/resources/x", "INFO", "not_found")]
#[tokio::test]
async fn a_problem_is_named(#[case] path: &str, #[case] level: &str, #[case] code: &str) {
    let app = App::start().await;
    let log = Log::start();
    app.get(path).await;
    let line = &log.lines()[0];
    assert_eq!((line["level"].as_str(), line["code"].as_str()), (Some(level), Some(code)));
    assert_eq!(line["error"], Value::Null);
}

#[tokio::test]
async fn what_fails_inside_is_logged_once_and_not_told() {
    let app = App::start().await;
    let table = app.store.table("ResourcesTable");
    app.store.client().delete_table().table_name(&table).send().await.unwrap();
    let log = Log::start();
    let response = app.get("/api/resources").await;
    assert_eq!(*response.problem(500, "internal"), Value::Null);
    assert!(!response.body.to_string().contains("ResourceNotFound"));
    let lines = log.requests();
    let [line] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["status"], 500);
    let error = line["error"].as_str().unwrap();
    assert!(error.starts_with("internal error: ") && error.contains("ResourceNotFoundException"), "{error}");
    assert!(!response.body.to_string().contains(&table));
}

#[tokio::test]
async fn a_panic_leaves_its_backtrace() {
    let log = Log::start();
    let hook = std::panic::take_hook();
    log_panics();
    let panicked = std::panic::catch_unwind(|| panic!("on purpose"));
    std::panic::set_hook(hook);
    assert!(panicked.is_err());
    let line = log.lines().into_iter().find(|line| line["panic"] == "on purpose").unwrap();
    assert!(line["location"].as_str().unwrap().contains("logs.rs"));
    assert!(line["backtrace"].as_str().unwrap().contains("a_panic_leaves_its_backtrace"));
}
