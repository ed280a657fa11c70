//! `$default`: requests that match no route.

use rstest::rstest;
use serde_json::json;

use crate::app::{App, NOWHERE};

#[rstest]
#[case("GET", "/")]
#[case("GET", "/api")]
#[case("GET", "/api/resource")]
#[case("GET", "/api/resources/")]
#[case("POST", "/api/resources/x/y/z")]
#[case("DELETE", "/healthz")]
#[tokio::test]
async fn a_path_of_no_route_is_not_found(#[case] method: &str, #[case] path: &str) {
    let app = App::start().await;
    let response = app.call(method, path).anonymous().header("x-request-id", "r").await;
    response.problem(404, "not_found");
    assert_eq!(response.body["instance"], path);
    assert_eq!(response.body["request_id"], "r");
}

#[rstest]
#[case("DELETE", "/api/resources", "GET, POST")]
#[case("HEAD", "/api/resources", "GET, POST")]
#[case("POST", "/api/resources/ID", "DELETE, GET, PATCH, PUT")]
// For the gateway, `search` could be the id of a resource.
#[case("POST", "/api/resources/search", "DELETE, GET, PATCH, PUT")]
#[case("GET", "/api/resources/ID/restore", "POST")]
#[case("POST", "/health", "GET")]
#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_named_with_those_that_it_has(
    #[case] method: &str,
    #[case] path: &str,
    #[case] allowed: &str,
) {
    let app = App::start().await;
    let response = app.call(method, &path.replace("ID", NOWHERE)).json(&json!({})).await;
    response.problem(405, "method_not_allowed");
    assert_eq!(response.header("allow"), Some(allowed));
}

/// The router of `cargo lambda watch` passes the parameters of the path's form.
#[tokio::test]
async fn parameters_of_a_path_change_nothing() {
    let app = App::start().await;
    let mut event = json!({
        "rawPath": "/api/resources", "headers": {}, "pathParameters": { "kind": "resources" },
        "requestContext": { "http": { "method": "DELETE" } },
    });
    app.invoke_unmatched(&event).await.problem(405, "method_not_allowed");
    event["rawPath"] = "/api/no-such-kind".into();
    app.invoke_unmatched(&event).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_preflight_of_a_browser_is_answered_without_content() {
    let app = App::start().await;
    for path in ["/api/resources", "/nowhere"] {
        let response =
            app.call("OPTIONS", path).anonymous().header("origin", "https://app.example.com").await;
        assert_eq!((response.status, response.text.as_str()), (204, ""));
    }
    let response = app.call("OPTIONS", "/api/resources").anonymous().await;
    response.problem(405, "method_not_allowed");
}
