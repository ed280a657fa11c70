//! `DELETE /api/resources/{id}`

use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

#[tokio::test]
async fn a_deleted_resource_is_nowhere() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let response = app.delete(&path).await;
    assert_eq!((response.status, &response.body), (204, &Value::Null));
    app.get(&path).await.problem(404, "not_found");
    app.delete(&path).await.problem(404, "not_found");
    assert_eq!(*app.get("/api/resources").await.data(200), json!([]));
}

#[tokio::test]
async fn there_is_nothing_to_delete_nowhere() {
    let app = App::start().await;
    app.delete(&format!("/api/resources/{NOWHERE}")).await.problem(404, "not_found");
    app.delete("/api/resources/x").await.problem(404, "not_found");
}

#[tokio::test]
async fn a_stale_if_match_deletes_nothing() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let stale = app.delete(&path).header("if-match", "\"2\"").await;
    stale.problem(412, "precondition_failed");
    assert_eq!(stale.header("etag"), Some("\"1\""));
    app.get(&path).await.data(200);
    assert_eq!(app.delete(&path).header("if-match", "\"1\"").await.status, 204);
}
