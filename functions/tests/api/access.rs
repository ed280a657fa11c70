//! Permissions: every route and every role, with the own tenant and another one; and the responses to tokens.

use functions::ROUTES;
use resource_api::domain::{Caller, Role, Tenant};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::token_for;
use crate::app::{App, Call, NOWHERE, SECRET, token};

/// The responses of a route to a role: for a resource of its own tenant, and for one of another tenant.
struct Expectation {
    route: &'static str,
    permitted: &'static [Role],
    own: i64,
    foreign: i64,
}

const ADMINS: &[Role] = &[Role::Admin];
const READERS: &[Role] = &[Role::Admin, Role::Moderator, Role::User];
const DELETERS: &[Role] = &[Role::Admin, Role::Moderator];

const EXPECTATIONS: &[Expectation] = &[
    Expectation { route: "list-resources", permitted: READERS, own: 200, foreign: 200 },
    Expectation { route: "create-resource", permitted: READERS, own: 201, foreign: 201 },
    Expectation { route: "get-resource", permitted: READERS, own: 200, foreign: 404 },
    Expectation { route: "list-related", permitted: READERS, own: 200, foreign: 404 },
    Expectation { route: "list-history", permitted: ADMINS, own: 200, foreign: 404 },
    Expectation { route: "search-resources", permitted: READERS, own: 200, foreign: 200 },
    Expectation { route: "batch-get-resources", permitted: READERS, own: 200, foreign: 200 },
    Expectation { route: "replace-resource", permitted: READERS, own: 200, foreign: 404 },
    Expectation { route: "update-resource", permitted: READERS, own: 200, foreign: 404 },
    Expectation { route: "delete-resource", permitted: DELETERS, own: 204, foreign: 404 },
    Expectation { route: "restore-resource", permitted: DELETERS, own: 409, foreign: 404 },
    Expectation { route: "batch-write-resources", permitted: READERS, own: 200, foreign: 404 },
];

/// A request of a route for a resource.
fn call<'a>(app: &'a App, route: &str, id: &str) -> Call<'a> {
    let route = ROUTES.iter().find(|known| known.name == route).unwrap();
    let path = route.path.replace("{kind}", "resources").replace("{id}", id);
    let body = match route.name {
        "batch-get-resources" => json!({ "ids": [NOWHERE] }),
        "batch-write-resources" => {
            json!({ "operations": [{ "op": "update", "id": id, "body": { "name": "m" } }] })
        }
        _ => json!({ "name": "m" }),
    };
    let query = if route.name == "search-resources" { "?q=n" } else { "" };
    app.call(route.method.as_str(), &format!("{path}{query}")).json(&body)
}

#[test]
fn every_route_that_asks_for_a_permission_is_expected_here() {
    let mut expected: Vec<_> = EXPECTATIONS.iter().map(|expectation| expectation.route).collect();
    let protected = ROUTES.iter().filter(|route| route.access.is_some());
    let mut protected: Vec<_> = protected.map(|route| route.name).collect();
    expected.sort_unstable();
    protected.sort_unstable();
    assert_eq!(expected, protected);
    let open: Vec<_> = ROUTES.iter().filter(|route| route.access.is_none()).map(|route| route.name).collect();
    assert_eq!(open, ["docs", "docs", "docs", "health"]);
}

#[tokio::test]
async fn each_role_may_do_on_each_route_what_the_table_says() {
    let app = App::start().await;
    let foreign_tenant = Tenant::parse("foreign").unwrap();
    for Expectation { route, permitted, own, foreign } in EXPECTATIONS {
        for role in [Role::Admin, Role::Moderator, Role::User, Role::Unknown] {
            for (tenant, status) in [(Tenant::default(), *own), (foreign_tenant.clone(), *foreign)] {
                let created = app.created(json!({ "name": "n", "status": "draft" })).await;
                let id = created["id"].as_str().unwrap();
                let caller = Caller { tenant: tenant.clone(), ..Caller::example(role) };
                let response = call(&app, route, id).caller(&caller).await;
                let context = format!("{route} as {role:?} of {tenant}");
                if permitted.contains(&role) {
                    assert_eq!(response.status, status, "{context}: {response:?}");
                } else {
                    response.problem(403, "forbidden");
                }
                let is_own = tenant == Tenant::default();
                if !is_own || !permitted.contains(&role) {
                    let read = app.get(&format!("/api/resources/{id}")).await;
                    assert_eq!(*read.data(200), created, "{context} has changed it");
                    assert!(!response.body.to_string().contains("draft"), "{context} has seen it");
                    assert_eq!(response.header("etag").filter(|_| status == 404), None, "{context}");
                }
            }
        }
    }
}

#[tokio::test]
async fn permission_is_checked_before_anything_is_looked_up_or_read() {
    let app = App::start().await;
    for request in [
        app.get("/api/resources/x?colour=red"),
        app.put("/api/resources/x", &json!({})),
        app.get("/api/resources?limit=0"),
        app.get("/api/resources/search"),
        app.call("POST", "/api/resources").text("no JSON"),
    ] {
        request.role(Role::Unknown).await.problem(403, "forbidden");
    }
    app.get("/api/resources/x/history?limit=0").role(Role::Moderator).await.problem(403, "forbidden");
    app.delete("/api/resources/x").role(Role::User).await.problem(403, "forbidden");
}

#[tokio::test]
async fn a_cursor_of_another_tenant_is_none() {
    let app = App::start().await;
    let other = Caller { tenant: Tenant::parse("other").unwrap(), ..Caller::example(Role::User) };
    for name in ["a", "b"] {
        app.created(json!({ "name": name })).await;
        app.post("/api/resources", &json!({ "name": name })).caller(&other).await.data(201);
    }
    let page = app.get("/api/resources?limit=1").await;
    let cursor = page.body["pagination"]["next_cursor"].as_str().unwrap();
    let path = format!("/api/resources?limit=1&cursor={cursor}");
    app.get(&path).await.data(200);
    app.get(&path).caller(&other).await.problem(400, "invalid_cursor");
}

#[rstest]
#[case::none(None)]
#[case::empty(Some(""))]
#[case::other_scheme(Some("Basic dXNlcjpwYXNz"))]
#[tokio::test]
async fn a_missing_token_is_asked_for(#[case] field: Option<&str>) {
    let app = App::start().await;
    for Expectation { route, .. } in EXPECTATIONS {
        let mut call = call(&app, route, "x").anonymous();
        if let Some(field) = field {
            call = call.header("authorization", field);
        }
        let response = call.await;
        response.problem(401, "missing_token");
        assert_eq!(response.body["error"], "Missing authorization token");
        assert_eq!(response.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn a_token_that_is_not_good_reaches_neither_bucket_nor_store() {
    let app = App::with(&[("RATE_LIMIT_READ", "100:50"), ("RATE_LIMIT_WRITE", "100:50")]).await;
    // From here on, every call to DynamoDB fails.
    for table in ["ResourcesTable", "RateLimitsTable"] {
        app.store.client().delete_table().table_name(app.store.table(table)).send().await.unwrap();
    }
    let good = token(Role::Admin);
    let expired = token_for(&Caller::example(Role::Admin), -60.0, SECRET);
    let other = token_for(&Caller::example(Role::Admin), 60.0, "another secret, as long as the first one");
    let tokens = [
        expired,
        other,
        good[..good.len() - 2].to_owned(),
        format!("{good},Bearer {good}"),
        "x".repeat(100_000),
        "é".to_owned(),
        "a.b.c".to_owned(),
    ];
    for Expectation { route, .. } in EXPECTATIONS {
        for token in &tokens {
            let response = call(&app, route, "x").header("authorization", &format!("Bearer {token}")).await;
            response.problem(401, "invalid_token");
            assert_eq!(response.body["error"], "Invalid token");
            assert_eq!(response.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
            assert_eq!(response.header("ratelimit"), None);
            assert_eq!(response.body["details"], Value::Null);
        }
    }
}

#[tokio::test]
async fn the_subject_stands_in_what_it_makes() {
    let app = App::start().await;
    let ada = Caller { subject: "ada@example.com".to_owned(), ..Caller::example(Role::User) };
    let created = app.post("/api/resources", &json!({ "name": "n" })).caller(&ada).await.data(201).clone();
    assert_eq!(created["created_by"], "ada@example.com");
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    let patched = app.patch(&path, &json!({ "name": "m" })).role(Role::Admin).await.data(200).clone();
    assert_eq!(
        (&patched["created_by"], &patched["updated_by"]),
        (&json!("ada@example.com"), &json!("admin"))
    );
}

#[tokio::test]
async fn health_is_for_everybody() {
    let app = App::start().await;
    assert_eq!(app.get("/health").anonymous().await.status, 200);
    assert_eq!(app.get("/health").header("authorization", "Bearer nonsense").await.status, 200);
}
