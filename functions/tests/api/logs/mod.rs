//! The log line of each request, and the data that no line contains.

mod costs;
mod metrics;

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use resource_api::config::{Environment, LoggingConfig};
use resource_api::telemetry::{json_lines, log_panics, write_lines_to};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::App;

thread_local! {
    /// The log of this thread, while a test records it.
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Records the log of this thread from now on. Each test has its own thread and runtime.
pub(crate) struct Log(());

/// Writes to the log of the current thread.
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
        // One subscriber for all threads: `tracing` caches for each call site whether a subscriber is
        // interested, and subscribers that come and go on other threads would invalidate that.
        static SUBSCRIBER: Once = Once::new();
        SUBSCRIBER.call_once(|| {
            let filter = |_: &str| Some("info,resource_api=debug".to_owned());
            let config = LoggingConfig::read(&mut Environment::new(filter));
            tracing::subscriber::set_global_default(json_lines(config, || ToThread)).unwrap();
            write_lines_to(|line| ToThread.write_all(line).unwrap());
        });
        LINES.set(Some(Vec::new()));
        Self(())
    }

    pub(crate) fn text(&self) -> String {
        let Self(()) = self;
        LINES.with_borrow(|lines| String::from_utf8(lines.clone().unwrap()).unwrap())
    }

    /// Only the lines of requests: the embedded DynamoDB writes to this log, too.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["message"] == "request").collect()
    }

    /// The lines above level DEBUG.
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
        "level": "INFO", "message": "request",
        "route": "list-resources", "method": "GET", "path": "/api/resources", "status": 200,
        "caller": line["caller"], "dynamodb_calls": 3, "dynamodb_operations": "Query:3",
        "dynamodb_read_units": line["dynamodb_read_units"], "dynamodb_write_units": 0.0,
        "span": { "name": "request", "request_id": "my-id", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736" },
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn the_plan_of_a_list_is_logged_for_who_looks_closer() {
    let app = App::start().await;
    app.created(json!({ "name": "n" })).await;
    let log = Log::start();
    app.get("/api/resources?sort=-name&status=active&created_by=s3cret&created_at[gt]=2026-11-22T00:00:00Z")
        .await;
    let lines = log.all_lines();
    let plan = lines.iter().find(|line| line["message"] == "plan of a list").unwrap();
    let expected = json!({
        "level": "DEBUG", "target": "resource_api::repository::listing::plan", "message": "plan of a list",
        "kind": "resources", "index": "by_1", "partitions": 1, "from": "open", "to": "open", "descending": true, "filter": "pk,created_by",
        "projection": "pk,summary,version,updated_at,created_by,purge_at,index_1", "skip": 0, "limit": 20,
        "rows": 256, "timestamp": plan["timestamp"], "span": plan["span"],
    });
    assert_eq!(*plan, expected);
    assert_eq!(plan["span"]["request_id"], "gateway-request-id");
    assert!(!log.text().contains("s3cret"));
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
    assert!(line["location"].as_str().unwrap().contains("logs/mod.rs"));
    assert!(line["backtrace"].as_str().unwrap().contains("a_panic_leaves_its_backtrace"));
}
