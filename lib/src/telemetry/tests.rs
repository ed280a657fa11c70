use lambda_http::http::{HeaderMap, HeaderValue};
use lambda_runtime::Context;
use rstest::rstest;

use super::usage::{self, count_call, count_read_units};
use super::*;

fn trace_id(traceparent: Option<&'static str>, xray: Option<&str>) -> String {
    let mut headers = HeaderMap::new();
    if let Some(traceparent) = traceparent {
        headers.insert("traceparent", HeaderValue::from_static(traceparent));
    }
    let mut context = Context::default();
    context.xray_trace_id = xray.map(str::to_owned);
    RequestContext::new(Some(&headers), None, &context).trace.trace_id
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
