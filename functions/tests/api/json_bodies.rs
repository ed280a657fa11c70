//! JSON that is not accepted as a body: duplicate member names, and names that the JSON library reserves.

use rstest::rstest;
use serde_json::json;

use crate::app::{App, NOWHERE, Response};

const NUMBER: &str = "$serde_json::private::Number";
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Sends a body to every route that reads one, as the whole body and as the body of an operation.
async fn everywhere(app: &App, body: &str) -> Vec<Response> {
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let operation = format!("{{\"operations\":[{{\"op\":\"create\",\"body\":{body}}}]}}");
    let mut responses = Vec::new();
    for (method, path, body) in [
        ("POST", "/api/resources", body),
        ("PUT", path.as_str(), body),
        ("PATCH", path.as_str(), body),
        ("POST", "/api/resources/batch-get", body),
        ("POST", "/api/resources/batch", body),
        ("POST", "/api/resources/batch", operation.as_str()),
    ] {
        for key in [None, Some("k")] {
            let mut call = app.call(method, path).header("content-type", "application/json").text(body);
            if let Some(key) = key {
                call = call.key(key);
            }
            responses.push(call.await);
        }
    }
    let list = app.get("/api/resources").await;
    assert_eq!(list.data(200).as_array().unwrap().len(), 1, "something was created");
    responses
}

/// The message of a `malformed_json` problem.
#[track_caller]
fn malformed(response: &Response) -> &str {
    assert_eq!(response.faults(400, "malformed_json"), [" malformed_json"], "{}", response.text);
    response.body["details"][0]["message"].as_str().unwrap()
}

#[rstest]
#[case::at_the_top("{\"name\":\"a\",\"name\":\"b\"}", "\"name\"")]
#[case::alike("{\"name\":\"a\",\"name\":\"a\"}", "\"name\"")]
#[case::within("{\"name\":\"a\",\"attributes\":{\"a\":[{\"b\":{\"c\":1,\"d\":2,\"c\":3}}]}}", "\"c\"")]
#[case::escaped("{\"name\":\"a\",\"attributes\":{\"a/b\":1,\"a\\u002fb\":1}}", "\"a/b\"")]
#[case::empty("{\"name\":\"a\",\"attributes\":{\"\":1,\"\":1}}", "\"\"")]
#[case::not_adjacent("{\"x\":1,\"name\":\"a\",\"x\":null}", "\"x\"")]
#[tokio::test]
async fn two_members_of_one_name_are_refused_and_named(#[case] body: &str, #[case] name: &str) {
    for response in everywhere(&App::start().await, body).await {
        let message = malformed(&response);
        assert!(message.contains(name) && message.contains("line 1 column"), "{message}");
    }
}

#[tokio::test]
async fn a_repeated_name_is_named_in_part_where_it_is_long() {
    let name = "k".repeat(400_000);
    let body = format!("{{\"{name}\":1,\"{name}\":2}}");
    for response in everywhere(&App::start().await, &body).await {
        assert!(malformed(&response).len() < 300);
        assert!(response.text.len() < 1_000);
    }
}

/// `serde_json` uses these names internally, and would parse a value other than the one sent.
#[rstest]
#[case::number_at_the_top(&format!("{{\"{NUMBER}\":\"1\"}}"))]
#[case::raw_value_at_the_top(&format!("{{\"{RAW_VALUE}\":\"{{\\\"name\\\":\\\"n\\\"}}\"}}"))]
#[case::number_within(&format!("{{\"name\":\"n\",\"attributes\":{{\"a\":[{{\"{NUMBER}\":\"1\"}}]}}}}"))]
#[case::raw_value_within(&format!("{{\"name\":\"n\",\"attributes\":{{\"a\":{{\"{RAW_VALUE}\":\"[1]\"}}}}}}"))]
#[case::no_number(&format!("{{\"name\":\"n\",\"attributes\":{{\"a\":{{\"{NUMBER}\":\"x\"}}}}}}"))]
#[case::of_another_type(&format!("{{\"name\":\"n\",\"attributes\":{{\"a\":{{\"{NUMBER}\":{{}}}}}}}}"))]
#[case::not_first(&format!("{{\"name\":\"n\",\"attributes\":{{\"A\":1,\"{NUMBER}\":\"1\"}}}}"))]
#[case::escaped("{\"name\":\"n\",\"attributes\":{\"a\":{\"\\u0024serde_json::private::Number\":\"1\"}}}")]
#[tokio::test]
async fn a_name_that_the_library_keeps_is_refused(#[case] body: &str) {
    for response in everywhere(&App::start().await, body).await {
        let message = malformed(&response);
        assert!(message.contains("serde_json::private"), "{message}");
    }
}

/// Numbers keep their value, whatever the library uses internally.
#[tokio::test]
async fn numbers_are_read_as_before() {
    let app = App::start().await;
    let numbers = "[0,-0,1,-1,18446744073709551615,-9223372036854775808,18446744073709551616,0.5,1.50,1e3,-1E-7,12345678901234567890123456789012345678]";
    let body = format!("{{\"name\":\"n\",\"attributes\":{{\"a\":{numbers}}}}}");
    let response =
        app.call("POST", "/api/resources").header("content-type", "application/json").text(&body).await;
    let expected = "[0,0,1,-1,18446744073709551615,-9223372036854775808,18446744073709551616,0.5,1.5,1000,-1e-7,12345678901234567890123456789012345678]";
    assert!(response.text.contains(expected), "{}", response.text);
}

/// A repetition is the same request, because a body is parsed in the same way everywhere.
#[tokio::test]
async fn a_key_stands_for_the_body_that_was_read() {
    let app = App::start().await;
    let send = |body: &'static str| {
        app.call("POST", "/api/resources").header("content-type", "application/json").key("k").text(body)
    };
    let first = send("{\"name\":\"n\",\"attributes\":{\"a\":1.0,\"b\":2}}").await;
    let again = send("{\"attributes\":{\"b\":2,\"a\":1},\"name\":\"n\"}").await;
    assert_eq!((first.status, &first.body), (201, &again.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    send("{\"name\":\"n\",\"attributes\":{\"a\":1.5,\"b\":2}}").await.problem(422, "idempotency_key_reused");
}

/// The depth of a body is limited, and a deeper one does not end the process.
#[tokio::test]
async fn a_body_that_is_too_deep_is_malformed() {
    let app = App::start().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{{\"name\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
        let response =
            app.call("POST", "/api/resources").header("content-type", "application/json").text(&body).await;
        assert!(malformed(&response).contains("recursion limit"));
    }
    let ids = json!({ "ids": [NOWHERE] });
    app.post("/api/resources/batch-get", &ids).await.data(200);
}
