//! `If-Match` and `If-None-Match` on every route that takes them (RFC 9110, sections 13.1.1 and 13.1.2).

use rstest::rstest;
use serde_json::{Value, json};

use crate::app::App;

/// The effect of a precondition on a request for a resource at version 2.
#[rstest]
#[case::this_version("\"2\"", true)]
#[case::in_a_list("\"1\", \"2\"", true)]
#[case::in_a_list_with_empty_elements(", \"1\",, \"2\" ,", true)]
#[case::beside_a_weak_one("W/\"1\", \"2\"", true)]
#[case::anything("*", true)]
#[case::spaces_around("  *  ", true)]
#[case::another_version("\"1\"", false)]
#[case::a_list_of_others("\"1\", \"3\"", false)]
#[case::weak("W/\"2\"", false)]
#[case::another_spelling("\"02\"", false)]
#[case::no_version("\"two\"", false)]
#[case::empty("\"\"", false)]
#[case::star_in_quotes("\"*\"", false)]
#[tokio::test]
async fn if_match_decides_on_every_change(#[case] tags: &str, #[case] holds: bool) {
    let app = App::start().await;
    for key in [None, Some("k")] {
        for method in ["PUT", "PATCH", "DELETE", "restore"] {
            let created = app.created(json!({ "name": "n" })).await;
            let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
            let mut call = if method == "restore" {
                app.delete(&path).await;
                app.post(&format!("{path}/restore"), &json!(null))
            } else {
                app.patch(&path, &json!({ "name": "m" })).await.data(200);
                app.call(method, &path).json(&json!({ "name": "o" }))
            };
            if let Some(key) = key {
                call = call.key(&format!("{key} {method}").replace(' ', "-"));
            }
            let response = call.header("if-match", tags).await;
            if holds {
                assert_eq!(response.status, if method == "DELETE" { 204 } else { 200 }, "{method}");
            } else {
                let faults = response.faults(412, "precondition_failed");
                assert_eq!(
                    (faults, response.header("etag")),
                    (vec!["If-Match precondition_failed".to_owned()], Some("\"2\""))
                );
            }
        }
    }
}

#[rstest]
#[case::bare("2")]
#[case::unclosed("\"2")]
#[case::no_comma("\"1\" \"2\"")]
#[case::star_in_a_list("\"2\", *")]
#[case::nothing(", ,")]
#[case::lower_case_weak("w/\"2\"")]
#[case::control_character("\"\t\"")]
#[tokio::test]
async fn a_malformed_if_match_is_named_and_changes_nothing(#[case] tags: &str) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    for call in [
        app.put(&path, &json!({ "name": "m" })),
        app.patch(&path, &json!({ "name": "m" })),
        app.delete(&path),
        app.post(&format!("{path}/restore"), &json!(null)),
    ] {
        assert_eq!(
            call.header("if-match", tags).await.faults(400, "invalid_header"),
            ["If-Match invalid_value"]
        );
    }
    assert_eq!(*app.get(&path).await.data(200), created);
}

/// Entity tags separated by commas. The first is that of version 1.
fn tags(count: usize) -> String {
    (1..=count).map(|version| format!("\"{version}\"")).collect::<Vec<_>>().join(",")
}

/// DynamoDB compares a value with at most 100 others.
#[tokio::test]
async fn a_hundred_entity_tags_are_taken_and_no_more() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    for many in [101, 150, 1_000] {
        for (method, name, key) in [
            ("PUT", "If-Match", None),
            ("PUT", "If-Match", Some("k")),
            ("PATCH", "If-Match", None),
            ("DELETE", "If-Match", None),
            ("GET", "If-None-Match", None),
        ] {
            let mut call = app.call(method, &path).header(&name.to_lowercase(), &tags(many));
            if method != "GET" && method != "DELETE" {
                call = call.json(&json!({ "name": "m" }));
            }
            if let Some(key) = key {
                call = call.key(key);
            }
            let response = call.await;
            assert_eq!(response.faults(400, "invalid_header"), [format!("{name} invalid_value")], "{method}");
            assert!(response.text.contains("100 entity tags"));
        }
        let operation = |if_match: &str| json!({ "operations": [{ "op": "delete", "id": created["id"], "if_match": if_match }] });
        let response = app.post("/api/resources/batch", &operation(&tags(many))).await;
        assert_eq!(response.faults(400, "validation_failed"), ["/operations/0/if_match invalid_value"]);
    }
    assert_eq!(*app.get(&path).await.data(200), created);
    let same = app.get(&path).header("if-none-match", &tags(100)).await;
    assert_eq!((same.status, same.body), (304, Value::Null));
    let put = app.put(&path, &json!({ "name": "m" })).header("if-match", &tags(100)).await;
    assert_eq!(put.data(200)["version"], 2);
    app.delete(&path).header("if-match", &tags(100)).await;
    app.get(&path).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_is_nowhere_is_not_found_whatever_is_expected_of_it() {
    let app = App::start().await;
    for tags in ["*", "\"1\""] {
        let path = format!("/api/resources/{}", crate::app::NOWHERE);
        for call in [
            app.get(&path).header("if-none-match", tags),
            app.put(&path, &json!({ "name": "m" })).header("if-match", tags),
            app.patch(&path, &json!({ "name": "m" })).header("if-match", tags),
            app.delete(&path).header("if-match", tags),
        ] {
            call.await.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn every_answer_with_one_resource_has_its_tag() {
    let app = App::start().await;
    let created = app.post("/api/resources", &json!({ "name": "n" })).await;
    assert_eq!(created.header("etag"), Some("\"1\""));
    let path = format!("/api/resources/{}", created.data(201)["id"].as_str().unwrap());
    assert_eq!(app.put(&path, &json!({ "name": "m" })).await.header("etag"), Some("\"2\""));
    assert_eq!(app.patch(&path, &json!({ "name": "o" })).await.header("etag"), Some("\"3\""));
    assert_eq!(app.get(&path).await.header("etag"), Some("\"3\""));
    app.delete(&path).await;
    assert_eq!(app.post(&format!("{path}/restore"), &json!(null)).await.header("etag"), Some("\"5\""));
}
