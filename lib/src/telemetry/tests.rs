use std::sync::Mutex;

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::http::{HeaderMap, HeaderValue};
use lambda_runtime::Context;
use rstest::rstest;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::usage::{self, count_call, count_read_units};
use super::*;
use crate::config::{Environment, LoggingConfig, MetricsConfig};

fn context(traceparent: Option<&'static str>, xray: Option<&str>) -> RequestContext {
    let mut headers = HeaderMap::new();
    if let Some(traceparent) = traceparent {
        headers.insert("traceparent", HeaderValue::from_static(traceparent));
    }
    let mut context = Context::default();
    context.xray_trace_id = xray.map(str::to_owned);
    RequestContext::new(Some(&headers), None, &context)
}

fn trace_id(traceparent: Option<&'static str>, xray: Option<&str>) -> String {
    context(traceparent, xray).trace.trace_id
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[rstest]
#[case::sampled("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
#[case::later_version("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true)]
#[case::version_0_with_more("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false)]
#[case::forbidden_version("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false)]
#[case::capitals("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false)]
#[case::zero_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false)]
#[case::short("00-4bf92f35-00f067aa0ba902b7-01", false)]
#[case::empty("", false)]
fn a_valid_traceparent_is_continued(#[case] traceparent: &'static str, #[case] valid: bool) {
    assert_eq!(trace_id(Some(traceparent), None) == TRACE, valid);
}

#[test]
fn without_a_traceparent_the_trace_is_xrays() {
    let xray = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1";
    assert_eq!(trace_id(None, Some(xray)), TRACE);
    assert_eq!(trace_id(Some("no"), Some(xray)), TRACE);
    assert_ne!(trace_id(None, Some("Root=nonsense")), trace_id(None, None));
}

#[tokio::test]
async fn usage_is_counted_for_each_request_alone() {
    let first = usage::measured(async {
        count_call("Query");
        count_call("Query");
        count_read_units(1.5);
        let ((), inner) = usage::measured(async { count_call("GetItem") }).await;
        assert_eq!(inner.operations(), "GetItem:1");
    });
    let ((), usage) = first.await;
    assert_eq!((usage.operations().as_str(), usage.total_calls(), usage.read_units), ("Query:2", 2, 1.5));
    count_call("outside of any request");
}

/// The `x-amzn-trace-id` of a call to DynamoDB that a request makes.
async fn traced_call(traceparent: Option<&'static str>, xray: Option<&str>) -> Option<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let client = crate::aws::dynamodb_from(&testing::local_config(&endpoint));
    let call = context(traceparent, xray);
    let call = tokio::spawn(async move {
        let get = client.get_item().table_name("t").key("pk", AttributeValue::S("k".to_owned()));
        let _ = call.scope(get.send()).await;
    });
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut request = vec![0; 64 * 1024];
    let length = connection.read(&mut request).await.unwrap();
    call.abort();
    let head = String::from_utf8_lossy(&request[..length]).into_owned();
    let field = |line: &str| {
        line.split_once(": ")
            .filter(|(name, _)| name.eq_ignore_ascii_case("x-amzn-trace-id"))?
            .1
            .to_owned()
            .into()
    };
    head.lines().find_map(field)
}

#[tokio::test]
async fn calls_to_aws_continue_the_trace() {
    let xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:0";
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assert_eq!(traced_call(None, Some(xray)).await.as_deref(), Some(xray));
    assert_eq!(traced_call(Some(traceparent), Some(xray)).await.as_deref(), Some(xray));
    let continued = traced_call(Some(traceparent), None).await.unwrap();
    assert!(continued.starts_with("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent="), "{continued}");
    assert!(continued.ends_with(";Sampled=1") && !continued.contains("00f067aa0ba902b7"), "{continued}");
    // A trace that is not recorded is not passed on.
    assert_eq!(traced_call(None, None).await, None);
}

#[test]
fn the_trace_of_xray_stands_beside_another_of_the_caller() {
    let xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let both = context(Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), Some(xray));
    assert_eq!(both.trace.trace_id, TRACE);
    assert_eq!(both.xray_trace_id.as_deref(), Some("5759e988bd862e3fe1be46a994272793"));
    let same = context(Some("00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"), Some(xray));
    assert_eq!(same.xray_trace_id, None);
    assert_eq!(context(None, Some(xray)).xray_trace_id, None);
}

#[test]
fn what_others_write_of_whole_requests_is_not_logged() {
    static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    #[derive(Clone, Copy)]
    struct ToLines;
    impl std::io::Write for ToLines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            LINES.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let everything = Environment::new(|name| (name == "RUST_LOG").then(|| "trace".to_owned()));
    let config = LoggingConfig::read(&mut { everything });
    tracing::subscriber::with_default(json_lines(config, || ToLines), || {
        tracing::trace!(target: "lambda_runtime::layers::api_response", "a whole event");
        tracing::error!(target: "lambda_runtime::layers::panic", "a batch failed");
        tracing::trace!(target: "resource_api::repository", "ours");
        tracing::debug!(target: "hyper", "a connection");
    });
    let lines = String::from_utf8(LINES.lock().unwrap().clone()).unwrap();
    assert!(lines.contains("ours") && lines.contains("a connection"), "{lines}");
    assert!(!lines.contains("a whole event") && !lines.contains("a batch failed"), "{lines}");
}

#[test]
fn a_line_with_metrics_is_written_whatever_is_logged() {
    static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
    write_lines_to(|line| LINES.lock().unwrap().extend_from_slice(line));
    let (config, identity) =
        (MetricsConfig { service: "s".to_owned(), stage: "p".to_owned() }, context(None, None));
    let log = RequestLog {
        route: "get-resource",
        method: "GET",
        path: "/",
        status: 200,
        code: None,
        caller: None,
        api_key: None,
        duration: std::time::Duration::from_millis(2),
        cold_start: false,
        usage: usage::Usage::default(),
        error: None,
    };
    // This process has no subscriber, so no level is enabled.
    log.write(&identity, None);
    assert!(LINES.lock().unwrap().is_empty());
    log.write(&identity, Some(&config));
    let line: serde_json::Value = serde_json::from_slice(&LINES.lock().unwrap()).unwrap();
    assert_eq!(
        (&line["requests"], &line["message"], &line["service"]),
        (&1.into(), &"request".into(), &"s".into())
    );
}
