//! `GET /api/resources/{id}/related`

use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

#[tokio::test]
async fn related_resources_come_in_order_and_what_leads_nowhere_is_named() {
    let app = App::start().await;
    let one = app.created(json!({ "name": "one", "attributes": { "a": 1 } })).await;
    let two = app.created(json!({ "name": "two" })).await;
    let ids = json!([two["id"], NOWHERE, one["id"]]);
    let created = app.created(json!({ "name": "n", "related_ids": ids })).await;
    let path = format!("/api/resources/{}/related", created["id"].as_str().unwrap());
    let expected = json!({ "success": true, "data": [two, one], "missing": [NOWHERE] });
    let response = app.get(&path).await;
    assert_eq!((response.status, &response.body), (200, &expected));
    assert_eq!(response.header("etag"), None);
    let names = json!([{ "name": "two" }, { "name": "one" }]);
    assert_eq!(*app.get(&format!("{path}?fields=name")).await.data(200), names);
}

#[tokio::test]
async fn without_relations_there_is_nothing() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let response = app.get(&format!("/api/resources/{}/related", created["id"].as_str().unwrap())).await;
    assert_eq!(response.body, json!({ "success": true, "data": [], "missing": [] }));
}

#[rstest]
#[case::never_given(NOWHERE)]
#[case::no_uuid("x")]
#[tokio::test]
async fn an_id_that_leads_nowhere_is_not_found(#[case] id: &str) {
    let app = App::start().await;
    let response = app.get(&format!("/api/resources/{id}/related")).await;
    assert_eq!(*response.problem(404, "not_found"), Value::Null);
}
