//! `PUT /api/resources/{id}`

use rstest::rstest;
use serde_json::json;

use crate::app::{App, NOWHERE};

#[tokio::test]
async fn every_field_that_a_client_owns_is_replaced() {
    let app = App::start().await;
    let body = json!({ "name": "old", "status": "draft", "description": "d", "attributes": { "a": 1 } });
    let created = app.created(body).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());

    let response = app.put(&path, &json!({ "name": "new", "attributes": { "b": 2 } })).await;
    let replaced = response.data(200);
    assert_eq!(response.header("etag"), Some("\"2\""));
    let expected = json!({
        "id": created["id"], "name": "new", "status": "active", "description": null,
        "attributes": { "b": 2 }, "related_ids": [], "version": 2,
        "created_at": created["created_at"], "updated_at": replaced["updated_at"],
        "created_by": "moderator", "updated_by": "moderator",
    });
    assert_eq!(*replaced, expected);
    assert_eq!(*app.get(&path).await.data(200), expected);
}

#[tokio::test]
async fn what_is_there_already_changes_nothing() {
    let app = App::start().await;
    let created = app
        .created(json!({ "name": "n", "description": null, "attributes": { "a": [1.50, { "": 0 }] } }))
        .await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let response = app.put(&path, &created).await;
    assert_eq!(*response.data(200), created);
    assert_eq!(response.header("etag"), Some("\"1\""));
}

#[tokio::test]
async fn there_is_nothing_to_replace_nowhere() {
    let app = App::start().await;
    let path = format!("/api/resources/{NOWHERE}");
    app.put(&path, &json!({ "name": "n" })).await.problem(404, "not_found");
    app.put(&path, &json!({ "name": "n" })).header("if-match", "\"1\"").await.problem(404, "not_found");
    app.get(&path).await.problem(404, "not_found");
    app.put("/api/resources/x", &json!({ "name": "" })).await.problem(404, "not_found");
}

#[rstest]
#[case::this_version("\"1\"", true)]
#[case::in_a_list("\"7\" ,\t\"1\",", true)]
#[case::anything("*", true)]
#[case::another_version("\"2\"", false)]
#[case::weak("W/\"1\"", false)]
#[case::no_version("\"abc\"", false)]
#[tokio::test]
async fn if_match_decides(#[case] tags: &str, #[case] holds: bool) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let response = app.put(&path, &json!({ "name": "m" })).header("if-match", tags).await;
    if holds {
        response.data(200);
    } else {
        assert_eq!(response.faults(412, "precondition_failed"), ["If-Match precondition_failed"]);
        assert_eq!(response.header("etag"), Some("\"1\""));
        assert_eq!(*app.get(&path).await.data(200), created);
    }
}

#[tokio::test]
async fn every_fault_of_a_body_is_named() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let response = app.put(&path, &json!({ "status": "x", "colour": 1 })).await;
    let expected = ["/colour unknown_field", "/name required", "/status invalid_value"];
    assert_eq!(response.faults(400, "validation_failed"), expected);
}

#[tokio::test]
async fn an_item_over_400_kb_is_refused() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let body = json!({ "name": "n", "attributes": { "a": "x".repeat(409_600) } });
    app.put(&path, &body).await.problem(413, "content_too_large");
    assert_eq!(*app.get(&path).await.data(200), created);
}
