//! `GET /openapi.json`, `GET /docs` and its files.

use api_docs::{collisions, document};
use functions::{KINDS, ROUTES};
use resource_api::domain::{Kind, Kinds, Replacement, Values};
use resource_api::http::problem::PROBLEM_TYPES;
use rstest::rstest;
use serde_json::Value;

use crate::app::App;

fn described() -> Value {
    serde_json::to_value(document(ROUTES, KINDS)).unwrap()
}

#[tokio::test]
async fn the_document_is_that_of_the_kinds_that_are_served() {
    let response = App::start().await.get("/openapi.json").anonymous().await;
    assert_eq!((response.status, &response.body), (200, &described()));
    assert_eq!(response.header("content-type"), Some("application/json"));
}

#[rstest]
#[case("/openapi.json", "application/json")]
#[case("/docs", "text/html; charset=utf-8")]
#[case("/docs/docs.js", "text/javascript; charset=utf-8")]
#[case("/docs/docs.css", "text/css; charset=utf-8")]
#[case("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8")]
#[case("/docs/swagger-ui.css", "text/css; charset=utf-8")]
#[tokio::test]
async fn a_file_is_for_everybody_compressed_where_the_client_takes_it_and_sent_once(
    #[case] path: &str,
    #[case] media_type: &str,
) {
    let app = App::start().await;
    let plain = app.get(path).anonymous().await;
    let gzip = app.get(path).anonymous().header("accept-encoding", "br, GZIP;q=0.5").await;
    for (response, encoding) in [(&plain, None), (&gzip, Some("gzip"))] {
        assert_eq!(response.status, 200);
        assert_eq!(response.header("content-type"), Some(media_type));
        assert_eq!(response.header("content-encoding"), encoding);
        assert_eq!(response.header("cache-control"), Some("public, max-age=60"));
        assert_eq!(response.header("vary"), Some("Accept-Encoding"));
    }
    assert_eq!(gzip.text, plain.text);
    assert!(gzip.sent < plain.sent);
    assert_ne!(plain.header("etag"), gzip.header("etag"));
    let again = app.get(path).anonymous().header("if-none-match", plain.header("etag").unwrap()).await;
    assert_eq!((again.status, &*again.text), (304, ""));
    assert_eq!(again.header("cache-control"), Some("public, max-age=60"));
    let refused = app.get(path).anonymous().header("accept-encoding", "gzip;q=0, identity").await;
    assert_eq!(refused.header("content-encoding"), None);
}

#[tokio::test]
async fn the_page_may_load_what_comes_from_its_origin_and_nothing_else() {
    let page = App::start().await.get("/docs").anonymous().await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"));
    assert!(!page.text.contains("http://") && !page.text.contains("https://"));
    for it in PROBLEM_TYPES {
        assert!(page.text.contains(&format!("id=\"{}\"", it.code)), "{}", it.code);
    }
}

#[tokio::test]
async fn a_file_that_the_page_does_not_have_is_not_found() {
    App::start().await.get("/docs/secret.js").anonymous().await.problem(404, "not_found");
}

#[test]
fn each_operation_has_a_name_of_its_own() {
    let document = described();
    let operations = document["paths"].as_object().unwrap().values().flat_map(|it| it.as_object().unwrap());
    let mut names: Vec<_> = operations.map(|(_, it)| it["operationId"].as_str().unwrap()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for name in [
        "listOrders",
        "createOrder",
        "getOrder",
        "replaceOrder",
        "updateOrder",
        "deleteOrder",
        "restoreOrder",
    ] {
        assert!(names.contains(&name), "{name}");
    }
}

/// The examples of bodies are valid.
#[test]
fn each_example_of_a_body_is_accepted() {
    let document = described();
    for kind in KINDS.iter() {
        let body = &document["paths"][format!("/api/{}", kind.name)]["post"]["requestBody"]["content"];
        let example = body["application/json"]["example"].clone();
        assert!(example.is_object(), "{}", kind.name);
        Values::from_json(kind, example.clone()).unwrap();
        Replacement::from_json(kind, example).unwrap();
    }
}

#[test]
fn no_name_of_the_description_has_two_meanings() {
    const PROBLEMS: Kind = Kind::new("problems", "problem");
    const DOCS: Kind = Kind::new("manuals", "docs");
    const KINDS: Kinds = Kinds::of(&[&PROBLEMS, &DOCS]);
    assert_eq!(collisions(ROUTES, functions::KINDS), Vec::<String>::new());
    let collisions = collisions(ROUTES, KINDS).join(", ");
    for name in ["the schema Problem", "the operation getDocs"] {
        assert!(collisions.contains(name), "{collisions}");
    }
}

/// A validator of the document must not hang on a malicious header.
#[test]
fn the_pattern_of_entity_tags_takes_no_exponential_time() {
    let document = described();
    let pattern = &document["components"]["parameters"]["IfMatch"]["schema"];
    let validator = jsonschema::validator_for(pattern).unwrap();
    assert!(validator.is_valid(&"\"1\" , W/\"2\",,".into()));
    assert!(!validator.is_valid(&format!("\"a\"{}x", ",".repeat(5_000)).into()));
}
