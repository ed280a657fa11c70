//! The header fields of every response about caching and security.

use functions::ROUTES;
use resource_api::config::Stage;
use resource_api::domain::Role;
use resource_api::http::Function;
use rstest::rstest;
use serde_json::json;

use crate::app::{App, NOWHERE, Response};

#[track_caller]
fn check(response: &Response, cache_control: &str, what: &str) {
    let field = |name: &str| response.header(name).map(str::to_owned);
    assert_eq!(field("cache-control").as_deref(), Some(cache_control), "{what}: {response:#?}");
    assert_eq!(field("vary").as_deref(), Some("Authorization, Accept-Encoding"), "{what}");
    assert_eq!(field("x-content-type-options").as_deref(), Some("nosniff"), "{what}");
    assert_eq!(field("strict-transport-security").as_deref(), Some("max-age=31536000"), "{what}");
    let names_software = |name: &String| name == "server" || name.starts_with("x-powered-by");
    assert!(!response.headers.keys().any(names_software), "{what}");
}

#[tokio::test]
async fn what_has_an_entity_tag_may_be_kept_by_its_client_and_nothing_else() {
    let app = App::start().await;
    let created = app.post("/api/resources", &json!({ "name": "n" })).key("k").await;
    check(&created, "private, no-cache", "create");
    check(&app.post("/api/resources", &json!({ "name": "n" })).key("k").await, "private, no-cache", "replay");
    let path = format!("/api/resources/{}", created.data(201)["id"].as_str().unwrap());
    check(&app.get(&path).await, "private, no-cache", "get");
    check(&app.get(&path).header("if-none-match", "\"1\"").await, "private, no-cache", "not modified");
    check(&app.get(&format!("{path}?expand=related")).await, "no-store", "without a tag");
    check(&app.patch(&path, &json!({ "name": "m" })).await, "private, no-cache", "patch");
    let stale = app.patch(&path, &json!({ "name": "o" })).header("if-match", "\"1\"").await;
    stale.problem(412, "precondition_failed");
    check(&stale, "no-store", "a problem with a tag");
    check(&app.get("/api/resources").await, "no-store", "list");
    let deleted = app.delete(&path).await;
    assert_eq!(deleted.status, 204);
    check(&deleted, "no-store", "delete");
    check(&app.get("/health").anonymous().await, "no-store", "health");
    check(&app.get("/nowhere").anonymous().await, "no-store", "no such path");
}

/// For every route except `docs`: with tokens of each role, without a token, and with an invalid one.
#[tokio::test]
async fn every_route_says_it_of_every_problem() {
    let app = App::start().await;
    for route in ROUTES.iter().filter(|route| route.name != "docs") {
        let path = route.path.replace("{kind}", "resources").replace("{id}", NOWHERE);
        let call = || app.call(route.method.as_str(), &format!("{path}?colour=red")).text("no JSON");
        let tag = async |call: crate::app::Call<'_>| {
            let response = call.await;
            let cache_control = if response.header("etag").is_some() && response.status < 400 {
                "private, no-cache"
            } else {
                "no-store"
            };
            check(&response, cache_control, route.name);
        };
        for role in [Role::Admin, Role::Moderator, Role::User, Role::Unknown] {
            tag(call().role(role)).await;
        }
        tag(call().anonymous()).await;
        tag(call().header("authorization", "Bearer nonsense")).await;
    }
}

/// A local API has no TLS, and a browser would remember the header.
#[rstest]
#[case::local(true, None)]
#[case::deployed(false, Some("max-age=31536000"))]
#[tokio::test]
async fn strict_transport_is_for_deployed_stages(#[case] is_local: bool, #[case] expected: Option<&str>) {
    let function = Function::public("health", functions::health::handle).on(Stage { is_local });
    let event = include_str!("../../../events/health.json");
    let response = function.respond(event, &lambda_runtime::Context::default()).await;
    let field = response.headers.get("strict-transport-security").map(|value| value.to_str().unwrap());
    assert_eq!(field, expected);
}
