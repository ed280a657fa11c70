//! `POST /api/resources/batch-get`

use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

const PATH: &str = "/api/resources/batch-get";

#[tokio::test]
async fn resources_come_in_the_order_asked_and_what_leads_nowhere_is_named() {
    let app = App::start().await;
    let one = app.created(json!({ "name": "one", "attributes": { "a": 1 } })).await;
    let two = app.created(json!({ "name": "two" })).await;
    let upper_case = two["id"].as_str().unwrap().to_uppercase();
    let ids = json!([upper_case, NOWHERE, one["id"], two["id"], NOWHERE]);
    let expected = json!({ "success": true, "data": [two, one, two], "missing": [NOWHERE] });
    let response = app.post(PATH, &json!({ "ids": ids })).await;
    assert_eq!((response.status, &response.body), (200, &expected));
    let names = json!([{ "name": "two" }, { "name": "one" }, { "name": "two" }]);
    assert_eq!(*app.post(&format!("{PATH}?fields=name"), &json!({ "ids": ids })).await.data(200), names);
}

#[tokio::test]
async fn a_change_is_seen_at_once() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let asked = json!({ "ids": [created["id"]] });
    let patched = app.patch(&path, &json!({ "name": "m" })).await.data(200).clone();
    assert_eq!(*app.post(PATH, &asked).await.data(200), json!([patched]));
    app.delete(&path).await;
    assert_eq!(app.post(PATH, &asked).await.body["missing"], asked["ids"]);
}

#[rstest]
#[case::nothing(json!({}), &["/ids required"])]
#[case::none(json!({ "ids": [] }), &["/ids too_few"])]
#[case::null(json!({ "ids": null }), &["/ids wrong_type"])]
#[case::one(json!({ "ids": NOWHERE }), &["/ids wrong_type"])]
#[case::too_many(json!({ "ids": vec![NOWHERE; 101] }), &["/ids too_many"])]
#[case::no_ids(json!({ "ids": ["x", 1, NOWHERE, ""] }), &["/ids/0 invalid_id", "/ids/1 wrong_type", "/ids/3 invalid_id"])]
#[case::more(json!({ "ids": [NOWHERE], "a/b": 1 }), &["/a~1b unknown_field"])]
#[case::list(json!([NOWHERE]), &[" wrong_type"])]
#[tokio::test]
async fn every_fault_of_the_body_is_named(#[case] body: Value, #[case] faults: &[&str]) {
    let app = App::start().await;
    assert_eq!(app.post(PATH, &body).await.faults(400, "validation_failed"), faults);
}

#[tokio::test]
async fn more_than_an_answer_can_hold_is_refused_and_less_of_it_is_not() {
    let app = App::start().await;
    let mut ids = Vec::new();
    for _ in 0..14 {
        let body = json!({ "name": "n", "attributes": { "text": "x".repeat(390_000) } });
        ids.push(app.created(body).await["id"].clone());
    }
    let response = app.post(PATH, &json!({ "ids": ids })).await;
    assert_eq!(response.faults(413, "content_too_large"), [" content_too_large"]);
    let (twelve, names) = (json!({ "ids": ids[..12] }), format!("{PATH}?fields=name"));
    assert_eq!(app.post(PATH, &twelve).await.data(200).as_array().unwrap().len(), 12);
    assert_eq!(app.post(&names, &json!({ "ids": ids })).await.data(200).as_array().unwrap().len(), 14);
}
