//! `GET /api/resources/{id}`

use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

#[rstest]
#[case::never_given(NOWHERE)]
#[case::no_uuid("first")]
#[case::no_hyphens("019a1b2c3d4e7f608a1b2c3d4e5f6071")]
#[case::braces("%7B019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071%7D")]
#[tokio::test]
async fn an_id_that_leads_nowhere_is_not_found(#[case] id: &str) {
    let app = App::start().await;
    let path = format!("/api/resources/{id}");
    let response = app.get(&path).await;
    assert_eq!(*response.problem(404, "not_found"), Value::Null);
    assert_eq!(response.body["instance"], path);
}

#[tokio::test]
async fn an_id_is_found_in_either_case() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let id = created["id"].as_str().unwrap().to_uppercase();
    assert_eq!(*app.get(&format!("/api/resources/{id}")).await.data(200), created);
}

#[rstest]
#[case::this_version("\"1\"", true)]
#[case::weak("W/\"1\"", true)]
#[case::in_a_list("\"7\", \"1\"", true)]
#[case::anything("*", true)]
#[case::another_version("\"2\"", false)]
#[case::another_text("\"01\"", false)]
#[tokio::test]
async fn if_none_match_spares_the_body_of_a_known_version(#[case] tags: &str, #[case] known: bool) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let response = app.get(&path).header("if-none-match", tags).await;
    assert_eq!(response.header("etag"), Some("\"1\""));
    if known {
        assert_eq!((response.status, &response.body), (304, &Value::Null));
    } else {
        response.data(200);
    }
}

#[rstest]
#[case::bare("1")]
#[case::unclosed("\"1")]
#[case::no_comma("\"1\" \"2\"")]
#[case::star_in_a_list("*, \"1\"")]
#[case::nothing(" , ")]
#[case::lower_case_weak("w/\"1\"")]
#[tokio::test]
async fn a_malformed_tag_is_named(#[case] tags: &str) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let response = app.get(&path).header("if-none-match", tags).await;
    assert_eq!(response.faults(400, "invalid_header"), ["If-None-Match invalid_value"]);
}

#[rstest]
#[case::all("", None)]
#[case::all_by_name("?fields=*", None)]
#[case::some("?fields=name,attributes", Some(&["name", "attributes"][..]))]
#[case::without_the_version("?fields=updated_at", Some(&["updated_at"][..]))]
#[tokio::test]
async fn fields_are_those_asked_for_and_the_tag_is_the_same(
    #[case] parameters: &str,
    #[case] fields: Option<&[&str]>,
) {
    let app = App::start().await;
    let mut expected = app.created(json!({ "name": "n", "attributes": { "a": 1 } })).await;
    let path = format!("/api/resources/{}{parameters}", expected["id"].as_str().unwrap());
    if let Some(fields) = fields {
        expected.as_object_mut().unwrap().retain(|field, _| fields.contains(&&**field));
    }
    let response = app.get(&path).await;
    assert_eq!(*response.data(200), expected);
    assert_eq!(response.header("etag"), Some("\"1\""));
    assert_eq!(app.get(&path).header("if-none-match", "\"1\"").await.status, 304);
}

#[tokio::test]
async fn with_its_relations_a_resource_has_no_tag() {
    let app = App::start().await;
    let mut other = app.created(json!({ "name": "other" })).await;
    let mut expected = app.created(json!({ "name": "n", "related_ids": [NOWHERE, other["id"]] })).await;
    for field in ["description", "attributes", "related_ids", "updated_by"] {
        other.as_object_mut().unwrap().remove(field);
    }
    let path = format!("/api/resources/{}?expand=related", expected["id"].as_str().unwrap());
    expected["related"] = json!([other]);
    expected["unresolved_related_ids"] = json!([NOWHERE]);
    let response = app.get(&path).header("if-none-match", "\"1\"").await;
    assert_eq!(*response.data(200), expected);
    assert_eq!(response.header("etag"), None);
}

#[tokio::test]
async fn every_fault_of_the_parameters_is_named() {
    let app = App::start().await;
    let path = format!("/api/resources/{NOWHERE}?fields=size&expand=x&limit=1");
    let faults = ["fields invalid_value", "expand invalid_value", "limit unknown_parameter"];
    assert_eq!(app.get(&path).await.faults(400, "invalid_query"), faults);
}
