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
    let patches = (0..32).map(|number| async move {
        app.patch(path, &json!({ "attributes": { format!("a{number}"): number } })).await.data(200).clone()
    });
    join_all(patches).await;
    let read = app.get(path).await.data(200).clone();
    let expected: serde_json::Map<_, _> =
        (0..32).map(|number| (format!("a{number}"), number.into())).collect();
    assert_eq!(read["attributes"], Value::Object(expected));
    assert_eq!(read["version"], 33);
}

/// Each writer reads, increments, and writes with `If-Match`, until the precondition holds.
#[rstest]
#[case::without_keys(false)]
#[case::with_keys(true)]
#[tokio::test]
async fn increments_at_once_are_all_counted(#[case] keys: bool) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n", "attributes": { "count": 0 } })).await;
    let path = &format!("/api/resources/{}", created["id"].as_str().unwrap());
    let app = &app;
    let increments = (0..32).map(|number| async move {
        for attempt in 0.. {
            let read = app.get(path).await;
            let count = read.data(200)["attributes"]["count"].as_i64().unwrap();
            let patch = json!({ "attributes": { "count": count + 1 } });
            let mut call = app.patch(path, &patch).header("if-match", read.header("etag").unwrap());
            if keys {
                call = call.key(&format!("{number}-{attempt}"));
            }
            let written = call.await;
            if written.status == 200 {
                return written.data(200)["version"].as_i64().unwrap();
            }
            written.problem(412, "precondition_failed");
        }
        unreachable!()
    });
    let mut versions = join_all(increments).await;
    versions.sort_unstable();
    assert_eq!(versions, (2..34).collect::<Vec<_>>());
    assert_eq!(app.get(path).await.data(200)["attributes"]["count"], 32);
}

/// The examples of RFC 7396, appendix A, each as a member of the attributes.
#[rstest]
#[case(json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"}))]
#[case(json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"}))]
#[case(json!({"a":"b"}), json!({"a":null}), json!({}))]
#[case(json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"}))]
#[case(json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"}))]
#[case(json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]}))]
#[case(json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}}))]
#[case(json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]}))]
#[case(json!(["a","b"]), json!(["c","d"]), json!(["c","d"]))]
#[case(json!({"a":"b"}), json!(["c"]), json!(["c"]))]
#[case(json!({"a":"foo"}), json!(null), json!(null))]
#[case(json!({"a":"foo"}), json!("bar"), json!("bar"))]
#[case(json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1}))]
#[case(json!([1,2]), json!({"a":"b","c":null}), json!({"a":"b"}))]
#[case(json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}}))]
#[tokio::test]
async fn patches_are_merged_as_the_rfc_says(
    #[case] original: Value,
    #[case] patch: Value,
    #[case] result: Value,
) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n", "attributes": { "it": original } })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let patched = app.patch(&path, &json!({ "attributes": { "it": patch } })).await.data(200).clone();
    // The whole attribute can be null; a null member is removed.
    let expected = if result.is_null() { json!({}) } else { json!({ "it": result }) };
    assert_eq!(patched["attributes"], expected);
}
