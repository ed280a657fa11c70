//! `PATCH /api/resources/{id}`

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

#[rstest]
#[case::one_field(json!({ "name": "m" }), json!({ "name": "m" }))]
#[case::null_is_the_default(
    json!({ "status": null, "description": null, "attributes": null, "related_ids": null }),
    json!({ "status": "active", "description": null, "attributes": {}, "related_ids": [] })
)]
#[case::a_member(json!({ "attributes": { "b": { "c": null, "e": [] } } }),
    json!({ "attributes": { "a": 1, "b": { "d": 3, "e": [] } } }))]
#[case::an_array_is_replaced(json!({ "related_ids": [] }), json!({ "related_ids": [] }))]
#[tokio::test]
async fn a_patch_is_merged(#[case] patch: Value, #[case] changed: Value) {
    let app = App::start().await;
    let body = json!({
        "name": "n", "status": "draft", "description": "d",
        "attributes": { "a": 1, "b": { "c": 2, "d": 3 } },
        "related_ids": ["019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071"],
    });
    let mut expected = app.created(body).await;
    let path = format!("/api/resources/{}", expected["id"].as_str().unwrap());

    let response = app.patch(&path, &patch).header("content-type", "application/merge-patch+json").await;
    let patched = response.data(200);
    assert_eq!(response.header("etag"), Some("\"2\""));
    for (field, value) in changed.as_object().unwrap() {
        expected[field] = value.clone();
    }
    expected["version"] = 2.into();
    expected["updated_at"] = patched["updated_at"].clone();
    assert_eq!(*patched, expected);
    assert_eq!(*app.get(&path).await.data(200), expected);
}

#[rstest]
#[case::empty(json!({}))]
#[case::the_same(json!({ "name": " n ", "attributes": { "a": 1.0, "b": null } }))]
#[case::server_owned(json!({ "id": null, "version": 9, "created_by": "x" }))]
#[tokio::test]
async fn a_patch_that_changes_nothing_leaves_the_version(#[case] patch: Value) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n", "attributes": { "a": 1 } })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    assert_eq!(*app.patch(&path, &patch).await.data(200), created);
}

#[rstest]
#[case::no_default(json!({ "name": null }), &["/name required"])]
#[case::many(json!({ "status": "x", "attributes": 5, "a": null, "b": 1 }),
    &["/a unknown_field", "/b unknown_field", "/status invalid_value", "/attributes wrong_type"])]
#[case::array(json!([]), &[" wrong_type"])]
#[case::deep_in_attributes(json!({ "attributes": { "x": { "y": [1e300] } } }), &["/attributes/x/y/0 inexact_number"])]
#[tokio::test]
async fn every_fault_of_a_patch_is_named(#[case] patch: Value, #[case] faults: &[&str]) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    assert_eq!(app.patch(&path, &patch).await.faults(400, "validation_failed"), faults);
    assert_eq!(*app.get(&path).await.data(200), created);
}

#[tokio::test]
async fn there_is_nothing_to_patch_nowhere() {
    let app = App::start().await;
    let path = format!("/api/resources/{NOWHERE}");
    app.patch(&path, &json!({ "name": "n" })).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_stale_if_match_changes_nothing() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    app.patch(&path, &json!({ "name": "m" })).header("if-match", "\"1\"").await.data(200);
    let stale = app.patch(&path, &json!({ "name": "o" })).header("if-match", "\"1\"").await;
    stale.problem(412, "precondition_failed");
    assert_eq!(stale.header("etag"), Some("\"2\""));
    assert_eq!(app.get(&path).await.data(200)["name"], "m");
}

#[tokio::test]
async fn patches_at_once_are_all_applied() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = &format!("/api/resources/{}", created["id"].as_str().unwrap());
    let app = &app;
    let patches = (0..4).map(|number| async move {
        app.patch(path, &json!({ "attributes": { format!("a{number}"): number } })).await.data(200).clone()
    });
    join_all(patches).await;
    let read = app.get(path).await.data(200).clone();
    assert_eq!(read["attributes"], json!({ "a0": 0, "a1": 1, "a2": 2, "a3": 3 }));
    assert_eq!(read["version"], 5);
}
