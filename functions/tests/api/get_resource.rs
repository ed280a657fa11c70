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
