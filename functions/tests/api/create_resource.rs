//! `POST /api/resources`

use rstest::rstest;
use serde_json::{Value, json};

use crate::app::App;

#[tokio::test]
async fn a_name_is_enough_and_the_rest_gets_its_default() {
    let app = App::start().await;
    let response = app.post("/api/resources", &json!({ "name": "  Plan A " })).await;
    let data = response.data(201);
    let id = data["id"].as_str().unwrap();
    let created_at = data["created_at"].as_str().unwrap();
    let expected = json!({
        "id": id, "name": "Plan A", "status": "active", "description": null, "attributes": {},
        "related_ids": [], "version": 1, "created_at": created_at, "updated_at": created_at,
        "created_by": "moderator", "updated_by": "moderator",
    });
    assert_eq!(*data, expected);
    assert_eq!(response.header("etag"), Some("\"1\""));
    assert_eq!(response.header("location"), Some(format!("/api/resources/{id}").as_str()));
    assert_eq!(response.header("content-type"), Some("application/json"));
    // A UUID version 7 whose timestamp is `created_at`.
    assert_eq!(&id[14..15], "7");
    let milliseconds = u64::from_str_radix(&id.replace('-', "")[..12], 16).unwrap();
    assert_eq!(&created_at[20..23], format!("{:03}", milliseconds % 1000));
}

#[tokio::test]
async fn what_was_sent_is_what_is_read() {
    let app = App::start().await;
    let body = json!({
        "name": "Überblick 概要", "status": "draft", "description": "",
        "attributes": { "": 1, "a": [null, true, "", { "b": -0.5 }], "~": {} },
        "related_ids": ["019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071"],
    });
    let created = app.created(body.clone()).await;
    let id = created["id"].as_str().unwrap();
    let read = app.get(&format!("/api/resources/{id}")).await;
    assert_eq!(*read.data(200), created);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(created[field], *value, "{field}");
    }
}

#[tokio::test]
async fn fields_that_the_server_owns_are_ignored() {
    let app = App::start().await;
    let first = app.created(json!({ "name": "first" })).await;
    let copy = app.created(first.clone()).await;
    assert_ne!(copy["id"], first["id"]);
    let nonsense = json!({ "name": "n", "id": 7, "version": "x", "created_at": [], "updated_by": {} });
    assert_eq!(app.created(nonsense).await["version"], 1);
}

#[tokio::test]
async fn every_fault_of_a_body_is_named() {
    let app = App::start().await;
    let body = json!({
        "name": "n".repeat(201) + "\u{7}", "status": "live", "description": 5,
        "attributes": { "a/b": [1, { "c": [] }] },
        "related_ids": ["x", 1], "colour": "red", "a~b/c": 1,
    });
    let mut faults = app.post("/api/resources", &body).await.faults(400, "validation_failed");
    // Unknown fields are in the order of the JSON library's maps.
    faults[..2].sort();
    let expected = [
        "/a~0b~1c unknown_field",
        "/colour unknown_field",
        "/name too_long",
        "/name control_character",
        "/status invalid_value",
        "/description wrong_type",
        "/related_ids/0 invalid_id",
        "/related_ids/1 wrong_type",
    ];
    assert_eq!(faults, expected);
}

#[rstest]
#[case::no_name(json!({}), "/name required")]
#[case::null_name(json!({ "name": null }), "/name required")]
#[case::empty_name(json!({ "name": "" }), "/name too_short")]
#[case::blank_name(json!({ "name": " \t\u{3000} " }), "/name too_short")]
#[case::long_name(json!({ "name": "é".repeat(201) }), "/name too_long")]
#[case::wrong_name(json!({ "name": ["n"] }), "/name wrong_type")]
#[case::wrong_status(json!({ "name": "n", "status": 1 }), "/status wrong_type")]
#[case::deleted(json!({ "name": "n", "status": "deleted" }), "/status invalid_value")]
#[case::capital_status(json!({ "name": "n", "status": "Active" }), "/status invalid_value")]
#[case::long_description(json!({ "name": "n", "description": "d".repeat(10_001) }), "/description too_long")]
#[case::list_attributes(json!({ "name": "n", "attributes": [] }), "/attributes wrong_type")]
#[case::one_related_id(json!({ "name": "n", "related_ids": "x" }), "/related_ids wrong_type")]
#[case::many_related_ids(json!({ "name": "n", "related_ids": vec!["x"; 101] }), "/related_ids too_many")]
#[case::repeated_id(
    json!({ "name": "n", "related_ids":
        ["019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071", "019A1B2C-3D4E-7F60-8A1B-2C3D4E5F6071"] }),
    "/related_ids/1 repeated"
)]
#[case::array(json!([]), " wrong_type")]
#[case::null(Value::Null, " wrong_type")]
#[tokio::test]
async fn a_rule_that_is_broken_is_named(#[case] body: Value, #[case] fault: &str) {
    let app = App::start().await;
    let faults = app.post("/api/resources", &body).await.faults(400, "validation_failed");
    assert_eq!(faults, [fault]);
}

#[rstest]
#[case::longest_name(json!({ "name": "é".repeat(200) }))]
#[case::name_whose_folded_form_is_long(json!({ "name": "\u{fdfa}".repeat(200) }))]
#[case::longest_description(json!({ "name": "n", "description": "é".repeat(10_000) }))]
#[case::nulls(json!({ "name": "n", "status": null, "description": null, "attributes": null, "related_ids": null }))]
#[tokio::test]
async fn what_the_rules_just_allow_is_kept(#[case] body: Value) {
    let app = App::start().await;
    let created = app.created(body.clone()).await;
    assert_eq!(created["name"], body["name"]);
    assert_eq!(created["description"], body["description"]);
}

#[rstest]
#[case::digits("123456789012345678901234567890123456789")]
#[case::fraction("0.000000000123456789012345678901234567890123456789")]
#[case::large("1e126")]
#[case::small("-1e-131")]
#[case::huge_exponent("1e99999999999999999999")]
#[tokio::test]
async fn a_number_that_dynamodb_cannot_hold_is_refused(#[case] number: &str) {
    let app = App::start().await;
    let body = format!(r#"{{ "name": "n", "attributes": {{ "a": [0, {{ "b": {number} }}] }} }}"#);
    let response =
        app.call("POST", "/api/resources").header("content-type", "application/json").text(&body).await;
    assert_eq!(response.faults(400, "validation_failed"), ["/attributes/a/1/b inexact_number"]);
}

#[rstest]
#[case("99999999999999999999999999999999999999", "99999999999999999999999999999999999999")]
#[case("1.50", "1.5")]
#[case("-0.0", "0")]
#[case("1E2", "100")]
#[case("9.9e125", "9.9e+125")]
#[case("-1e-130", "-1e-130")]
#[tokio::test]
async fn a_number_comes_back_with_its_value(#[case] sent: &str, #[case] read: &str) {
    let app = App::start().await;
    let body = format!(r#"{{ "name": "n", "attributes": {{ "a": {sent} }} }}"#);
    let call = app.call("POST", "/api/resources").header("content-type", "application/json").text(&body);
    let created = call.await.data(201).clone();
    assert_eq!(created["attributes"]["a"].to_string(), read);
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    assert_eq!(app.get(&path).await.data(200)["attributes"]["a"].to_string(), read);
}

#[tokio::test]
async fn attributes_may_be_nested_32_levels_deep() {
    let nested = |levels: usize| (1..levels).fold(json!({ "leaf": 1 }), |inner, _| json!({ "a": inner }));
    let app = App::start().await;
    let created = app.created(json!({ "name": "n", "attributes": nested(32) })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    assert_eq!(app.get(&path).await.data(200)["attributes"], nested(32));

    let deeper = app.post("/api/resources", &json!({ "name": "n", "attributes": nested(33) })).await;
    let pointer = "/attributes".to_owned() + &"/a".repeat(32);
    assert_eq!(deeper.faults(400, "validation_failed"), [format!("{pointer} too_deep")]);
}

#[tokio::test]
async fn an_item_over_400_kb_is_refused() {
    let app = App::start().await;
    let body = json!({ "name": "n", "attributes": { "a": "x".repeat(409_600) } });
    assert_eq!(
        app.post("/api/resources", &body).await.faults(413, "content_too_large"),
        [" content_too_large"]
    );
    let body = json!({ "name": "n", "attributes": { "a": "x".repeat(400_000) } });
    app.created(body).await;
}
