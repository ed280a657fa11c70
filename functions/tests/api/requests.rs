//! The common behavior of all routes: bodies, media types, request ids, and failures before the handler.

use std::sync::OnceLock;

use functions::{CREATE_RESOURCE, HEALTH, ROUTES};
use lambda_runtime::Context;
use proptest::prelude::*;
use resource_api::domain::Role;
use resource_api::http::{Function, Request, Response};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::app::{App, token};

#[rstest]
#[case::empty("")]
#[case::cut_short("{\"name\": \"n\"")]
#[case::two("{\"name\": \"n\"} {}")]
#[case::nan("{\"name\": NaN}")]
#[case::lone_surrogate("{\"name\": \"\\ud800\"}")]
#[case::nested_beyond_reading(&"[".repeat(100_000))]
#[tokio::test]
async fn a_body_that_is_no_json_is_malformed(#[case] body: &str) {
    let app = App::start().await;
    for (method, path) in [("POST", "/api/resources"), ("PUT", PATH), ("PATCH", PATH)] {
        let response = app.call(method, path).header("content-type", "application/json").text(body).await;
        assert_eq!(response.faults(400, "malformed_json"), [" malformed_json"]);
    }
}

const PATH: &str = "/api/resources/019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071";

#[rstest]
#[case::not_base64("{\"name\"")]
#[case::not_utf8("eyJuYW1lIjogIv8ifQ==")]
#[tokio::test]
async fn bytes_that_are_no_text_are_malformed(#[case] body: &str) {
    let app = App::start().await;
    let call = app.call("POST", "/api/resources").header("content-type", "application/json").base64(body);
    assert_eq!(call.await.faults(400, "malformed_json"), [" malformed_json"]);
}

#[tokio::test]
async fn a_base64_body_is_read() {
    let app = App::start().await;
    let call = app.call("POST", "/api/resources").header("content-type", "application/json");
    assert_eq!(call.base64("eyJuYW1lIjogIsOpIn0=").await.data(201)["name"], "é");
}

#[rstest]
#[case::none("POST", None, false)]
#[case::form("POST", Some("application/x-www-form-urlencoded"), false)]
#[case::text("POST", Some("text/plain"), false)]
#[case::merge_patch_elsewhere("POST", Some("application/merge-patch+json"), false)]
#[case::latin1("POST", Some("application/json; charset=latin1"), false)]
#[case::utf8("POST", Some("application/json; charset=UTF-8"), true)]
#[case::capitals("POST", Some("Application/JSON"), true)]
#[case::json_patch("PATCH", Some("application/json-patch+json"), false)]
#[tokio::test]
async fn a_media_type_is_checked(
    #[case] method: &str,
    #[case] media_type: Option<&str>,
    #[case] accepted: bool,
) {
    let app = App::start().await;
    let path = if method == "POST" { "/api/resources" } else { PATH };
    let mut call = app.call(method, path).text("{\"name\": \"n\"}");
    if let Some(media_type) = media_type {
        call = call.header("content-type", media_type);
    }
    let response = call.await;
    if accepted {
        response.data(201);
    } else {
        assert_eq!(response.faults(415, "unsupported_media_type"), ["Content-Type unsupported_media_type"]);
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    let app = App::start().await;
    let body = " ".repeat(1024 * 1024 + 1);
    let call = app.call("POST", "/api/resources").header("content-type", "application/json").text(&body);
    assert_eq!(call.await.faults(413, "content_too_large"), [" content_too_large"]);
}

#[tokio::test]
async fn an_operation_of_a_batch_is_no_larger_than_a_body() {
    let app = App::start().await;
    let operation = |space: usize| format!(r#"{{"op":"create",{}"body":{{"name":"n"}}}}"#, " ".repeat(space));
    let (fits, too_large) = (operation(1_000_000), operation(1024 * 1024));
    for (operations, status) in [([&fits, &fits], 200), ([&fits, &too_large], 413)] {
        let body = format!(r#"{{"operations":[{}]}}"#, operations.map(String::as_str).join(","));
        let call = app.call("POST", "/api/resources/batch").header("content-type", "application/json");
        let response = call.text(&body).await;
        assert_eq!(response.status, status, "{}", response.text);
    }
    assert_eq!(app.get("/api/resources").await.data(200).as_array().unwrap().len(), 2);
}

#[rstest]
#[case("POST", "/api/resources")]
#[case("GET", PATH)]
#[case("PUT", PATH)]
#[case("PATCH", PATH)]
#[case("DELETE", PATH)]
#[tokio::test]
async fn a_parameter_that_a_route_does_not_have_is_named(#[case] method: &str, #[case] path: &str) {
    let app = App::start().await;
    let call =
        app.call(method, &format!("{path}?a=1&b")).header("content-type", "application/json").text("{}");
    let faults = call.await.faults(400, "invalid_query");
    assert_eq!(faults, ["a unknown_parameter", "b unknown_parameter"]);
}

#[rstest]
#[case::own(Some("my-id.1/2"), "my-id.1/2")]
#[case::longest(Some(&*"x".repeat(128)), &"x".repeat(128))]
#[case::none(None, "gateway-request-id")]
#[case::empty(Some(""), "gateway-request-id")]
#[case::too_long(Some(&*"x".repeat(129)), "gateway-request-id")]
#[case::space(Some("a b"), "gateway-request-id")]
#[case::not_ascii(Some("é"), "gateway-request-id")]
#[tokio::test]
async fn every_response_has_a_request_id(#[case] sent: Option<&str>, #[case] answered: &str) {
    let app = App::start().await;
    for path in ["/health", "/api/resources", PATH] {
        let mut call = app.get(path);
        if let Some(id) = sent {
            call = call.header("x-request-id", id);
        }
        assert_eq!(call.await.header("x-request-id"), Some(answered));
    }
}

#[tokio::test]
async fn a_trace_is_continued() {
    let app = App::start().await;
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let response = app.get("/health").header("traceparent", traceparent).await;
    let (trace, span) = (&traceparent[..36], &traceparent[36..52]);
    let continued = response.header("traceparent").unwrap();
    assert!(continued.starts_with(trace) && continued.ends_with("-01"), "{continued}");
    assert!(!continued.contains(span), "{continued}");
}

#[tokio::test]
async fn a_header_that_is_not_ascii_harms_nothing() {
    let app = App::start().await;
    let call = app.get("/api/resources").header("user-agent", "café").header("bad name", "x");
    assert_eq!(call.await.status, 200);
}

#[tokio::test]
async fn a_named_stage_stands_in_the_location() {
    let app = App::start().await;
    let event = json!({
        "rawPath": "/v1/api/resources", "rawQueryString": "",
        "headers": { "content-type": "application/json", "authorization": format!("Bearer {}", token(Role::User)) },
        "requestContext": { "http": { "method": "POST" }, "stage": "v1", "requestId": "r" },
        "pathParameters": { "kind": "resources" }, "body": "{\"name\": \"n\"}", "isBase64Encoded": false,
    });
    let response = app.invoke(&CREATE_RESOURCE, &event).await;
    assert!(response.header("location").unwrap().starts_with("/v1/api/resources/0"));
}

#[tokio::test]
async fn an_event_of_another_kind_is_an_error_of_ours() {
    let app = App::start().await;
    let response = app.invoke(&CREATE_RESOURCE, &json!({ "Records": [] })).await;
    assert_eq!(response.status, 500);
    assert_eq!(response.body["code"], "internal");
    assert_eq!(response.body["details"], Value::Null);
}

#[tokio::test]
async fn a_panic_is_answered_and_the_next_request_is_served() {
    async fn handle(request: Request) -> Result<Response, resource_api::Error> {
        assert_ne!(request.path(), "/panic", "the handler's own secret");
        Ok(Response::empty(resource_api::http::StatusCode::NO_CONTENT))
    }
    let function = Function::public(HEALTH.name, handle);
    let event = |path: &str| {
        json!({ "rawPath": path, "requestContext": { "http": { "method": "GET" } } }).to_string()
    };
    let response = function.respond(&event("/panic"), &Context::default()).await;
    assert_eq!(response.status_code, 500);
    let body = serde_json::to_value(response.body).unwrap();
    assert!(body.as_str().unwrap().contains("\"code\":\"internal\""));
    assert!(!body.as_str().unwrap().contains("secret"));
    assert_eq!(function.respond(&event("/"), &Context::default()).await.status_code, 204);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever a client sends, and whatever the gateway forwards, there is a response, and never a 500.
    #[test]
    fn every_request_is_answered(
        route in prop::sample::select(ROUTES.iter().collect::<Vec<_>>()),
        kind in prop_oneof![4 => Just("resources".to_owned()), 2 => Just("orders".to_owned()), 1 => "\\PC{0,12}"],
        id in prop_oneof!["\\PC{0,40}", Just("019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071".to_owned())],
        query in prop_oneof![
            "(limit|status|cursor|[a-z%+]{0,4})=[A-Za-z0-9%+,_-]{0,8}(&limit=\\PC{0,3})?",
            "(status=(draft|active)&|sort=-?(name|updated)&|offset=[0-9]{1,4}&|fields=[a-z*,]{0,9}&|expand=related&){0,5}(limit=[0-9]{1,3})?",
            "(created|updated)_at\\[(gte|gt|lte|lt)\\]=[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|-[0-2][0-9]:[0-5][0-9])",
            "cursor=Ag[A-Za-z0-9_-]{0,90}(&sort=name)?",
            "[a-z_]{2,14}=\\PC{0,12}(&[a-z_]{2,14}=[\\PC%]{0,12}){0,3}",
        ],
        header in prop::sample::select(vec!["if-match", "if-none-match", "idempotency-key", "x-request-id", "traceparent", "content-type"]),
        value in "(\"|W/|\\*|,| |[0-9a-f-]|\\PC){0,12}",
        media_type in prop::sample::select(vec!["application/json", "application/merge-patch+json", "text/plain"]),
        body in prop_oneof!["\\PC{0,30}", "[\\[{:,\"a0.e-]{0,20}", "\\{\"name\": [0-9eE.+-]{1,8}\\}"],
        base64 in any::<bool>(),
    ) {
        let (runtime, app) = shared();
        let mut event = json!({
            "rawPath": route.path.replace("{kind}", "resources").replace("{id}", &id), "rawQueryString": query,
            "headers": { "content-type": media_type, "authorization": format!("Bearer {}", token(Role::Admin)) },
            "requestContext": { "http": { "method": route.method.as_str() } },
            "pathParameters": { "kind": kind, "id": id }, "body": body, "isBase64Encoded": base64,
        });
        event["headers"][header] = value.into();
        let response = runtime.block_on(app.invoke(route, &event));
        prop_assert!((200..500).contains(&response.status), "{response:?}");
        prop_assert!(response.header("x-request-id").is_some());
    }

    /// Even an invalid event has a response.
    #[test]
    fn every_event_is_answered(route in prop::sample::select(ROUTES.iter().collect::<Vec<_>>()), event in "[\\[\\]{}:,\"a-z0-9]{0,40}") {
        let (runtime, app) = shared();
        let event = serde_json::from_str(&event).unwrap_or(Value::String(event));
        prop_assert_eq!(runtime.block_on(app.invoke(route, &event)).status, 500);
    }
}

/// One API for all cases of a property.
fn shared() -> &'static (Runtime, App) {
    static SHARED: OnceLock<(Runtime, App)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let app = runtime.block_on(App::start());
        (runtime, app)
    })
}
