//! The size of a problem document: `details` is bounded, whatever the client sent.

use std::fmt::Write as _;

use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE, Response};

/// The most entries of `details`: 100 faults, and one with the number of all.
const MOST: usize = 101;
/// The longest pointer, in bytes.
const LONGEST: usize = 1024;

async fn sent(app: &App, method: &str, path: &str, body: &str) -> Response {
    app.call(method, path).header("content-type", "application/json").text(body).await
}

/// Checks that there are 100 faults, and the number of all. Returns the faults.
#[track_caller]
fn first_hundred(response: &Response, code: &str, count: usize) -> Vec<Value> {
    let mut details = response.problem(400, code).as_array().unwrap().clone();
    assert_eq!(details.len(), MOST);
    let last = details.pop().unwrap();
    assert_eq!((&last["pointer"], &last["code"]), (&json!(""), &json!("too_many_faults")));
    let message = last["message"].as_str().unwrap();
    assert!(message.split(' ').any(|word| word == count.to_string()), "{message} is not of {count}");
    assert!(response.text.len() < 200_000, "{} bytes", response.text.len());
    details
}

fn unknown_fields(count: usize) -> String {
    let mut fields = String::new();
    for n in 0..count {
        write!(fields, ",\"{n:06x}\":0").unwrap();
    }
    fields
}

#[tokio::test]
async fn a_megabyte_of_unknown_fields_is_answered_with_a_hundred_faults() {
    let app = App::start().await;
    let count = 80_000;
    let body = format!("{{\"name\":\"n\"{}}}", unknown_fields(count));
    let response = sent(&app, "POST", "/api/resources", &body).await;
    let details = first_hundred(&response, "validation_failed", count);
    assert_eq!((&details[0]["pointer"], &details[99]["pointer"]), (&json!("/000000"), &json!("/000063")));
}

/// A pointer is cut after its last whole token.
#[tokio::test]
async fn faults_below_a_long_name_do_not_repeat_it() {
    let app = App::start().await;
    let (name, items) = ("k".repeat(40_000), "1e999,".repeat(2_000));
    let body = format!("{{\"name\":\"n\",\"attributes\":{{\"a\":{{\"{name}\":[{items}1e999]}}}}}}");
    let response = sent(&app, "POST", "/api/resources", &body).await;
    let details = first_hundred(&response, "validation_failed", 2_001);
    assert!(details.iter().all(|fault| fault["pointer"] == "/attributes/a"), "{details:?}");
}

#[tokio::test]
async fn faults_of_a_patch_and_of_many_ids_are_bounded() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let body = format!("{{\"attributes\":{{\"a\":[{}1e999]}}{}}}", "1e999,".repeat(299), unknown_fields(300));
    first_hundred(&sent(&app, "PATCH", &path, &body).await, "validation_failed", 600);
    let body = format!("{{\"ids\":[1]{}}}", unknown_fields(300));
    first_hundred(&sent(&app, "POST", "/api/resources/batch-get", &body).await, "validation_failed", 301);
}

/// The limit applies to the whole response, and pointers are cut together with their prefix.
#[tokio::test]
async fn faults_of_all_operations_are_bounded_together() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let id = created["id"].as_str().unwrap();
    let faulty =
        format!("\"body\":{{\"name\":\"n\",\"attributes\":{{\"a\":[{}1e999]}}}}", "1e999,".repeat(19));
    let create = format!("{{\"op\":\"create\",{faulty}}}");
    let update = format!("{{\"op\":\"update\",\"id\":\"{id}\",{faulty}}}");
    let missing = format!("{{\"op\":\"delete\",\"id\":\"{NOWHERE}\"}}");
    let operations = [vec![missing], vec![create; 10], vec![update], vec!["{}".to_owned()]].concat();
    let body = format!("{{\"operations\":[{}]}}", operations.join(","));
    let response = sent(&app, "POST", "/api/resources/batch", &body).await;
    assert_eq!(response.status, 404);
    let mut as_400 = response.clone();
    as_400.status = 400;
    as_400.body["status"] = 400.into();
    let details = first_hundred(&as_400, "not_found", 1 + 200 + 20 + 1);
    assert_eq!(details[0]["pointer"], "/operations/0/id");
    assert_eq!(details[99]["pointer"], "/operations/5/body/attributes/a/18");

    let name = "k".repeat(LONGEST - "/attributes/a/".len());
    let body = format!("{{\"name\":\"n\",\"attributes\":{{\"a\":{{\"{name}\":1e999}}}}}}");
    let alone = sent(&app, "POST", "/api/resources", &body).await;
    let pointer = alone.problem(400, "validation_failed")[0]["pointer"].as_str().unwrap().to_owned();
    assert_eq!(pointer.len(), LONGEST);
    let batch = format!("{{\"operations\":[{{\"op\":\"create\",\"body\":{body}}}]}}");
    let response = sent(&app, "POST", "/api/resources/batch", &batch).await;
    assert_eq!(response.faults(400, "validation_failed"), ["/operations/0/body/attributes/a inexact_number"]);
}

#[rstest]
#[case::unknown(&(0..300).map(|n| format!("p{n}=")).collect::<Vec<_>>().join("&"), 300)]
#[case::statuses(&format!("status={}", "x,".repeat(299)), 101)]
#[case::fields(&format!("fields={}", "x,".repeat(299)), 101)]
#[tokio::test]
async fn faults_of_a_query_are_bounded(#[case] query: &str, #[case] count: usize) {
    let app = App::start().await;
    let response = app.get(&format!("/api/resources?{query}")).await;
    let details = first_hundred(&response, "invalid_query", count);
    assert!(details.iter().all(|fault| fault["parameter"].is_string()));
}

/// A client's value is quoted only up to a length.
#[rstest]
#[case::status("status")]
#[case::sort("sort")]
#[case::fields("fields")]
#[case::expand("expand")]
#[case::unknown("")]
#[tokio::test]
async fn a_long_word_is_quoted_in_part(#[case] parameter: &str) {
    let app = App::start().await;
    for word in ["x".repeat(9_000), "%01".repeat(3_000), "%F0%9F%9A%80".repeat(800)] {
        let query = if parameter.is_empty() { format!("{word}=1") } else { format!("{parameter}={word}") };
        let response = app.get(&format!("/api/resources?{query}")).await;
        assert_eq!(response.faults(400, "invalid_query").len(), 1);
        assert!(response.text.len() < 8_000, "{parameter}: {} bytes", response.text.len());
    }
}
