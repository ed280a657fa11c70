//! `GET /api/resources/{id}/history`.

use resource_api::domain::Role;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE, Response};

async fn history(app: &App, id: &str, query: &str) -> Response {
    app.get(&format!("/api/resources/{id}/history{query}")).role(Role::Admin).await
}

fn members(entries: &Value, name: &str) -> Vec<Value> {
    entries.as_array().unwrap().iter().map(|entry| entry[name].clone()).collect()
}

/// A resource with a version of each action, and its id.
async fn with_history(app: &App) -> (String, Value) {
    let created =
        app.post("/api/resources", &json!({ "name": "a" })).role(Role::User).await.data(201).clone();
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("/api/resources/{id}");
    app.patch(&path, &json!({ "name": "b", "attributes": { "n": 1.50 } })).await.data(200);
    app.patch(&path, &json!({ "name": "b" })).await.data(200);
    assert_eq!(app.delete(&path).role(Role::Admin).await.status, 204);
    app.post(&format!("{path}/restore"), &json!({})).await.data(200);
    (id, created)
}

#[tokio::test]
async fn every_version_is_told_with_the_resource_as_it_was() {
    let app = App::followed().await;
    let (id, created) = with_history(&app).await;
    app.follow().await;
    let response = history(&app, &id, "").await;
    let entries = response.data(200);
    assert_eq!(members(entries, "version"), [4, 3, 2, 1]);
    assert_eq!(members(entries, "action"), ["restored", "deleted", "updated", "created"]);
    assert_eq!(members(entries, "by"), ["moderator", "admin", "moderator", "user"]);
    assert_eq!(entries[3]["resource"], created);
    assert_eq!(entries[3]["at"], created["created_at"]);
    let current = app.get(&format!("/api/resources/{id}")).await;
    assert_eq!(entries[0]["resource"], *current.data(200));
    assert_eq!(entries[1]["resource"]["status"], "deleted");
    for entry in entries.as_array().unwrap() {
        let resource = &entry["resource"];
        assert_eq!((&entry["at"], &entry["by"]), (&resource["updated_at"], &resource["updated_by"]));
        assert_eq!(entry.as_object().unwrap().len(), 5);
    }
    assert_eq!(response.body["pagination"], json!({ "limit": 20, "next_cursor": null }));
}

#[tokio::test]
async fn pages_lead_to_the_first_version() {
    let app = App::followed().await;
    let (id, _) = with_history(&app).await;
    app.follow().await;
    let first = history(&app, &id, "?limit=3").await;
    assert_eq!(members(first.data(200), "version"), [4, 3, 2]);
    let cursor = first.body["pagination"]["next_cursor"].as_str().unwrap();
    let link = first.header("link").unwrap();
    assert_eq!(link, format!("</api/resources/{id}/history?limit=3&cursor={cursor}>; rel=\"next\""));
    let second = history(&app, &id, &format!("?cursor={cursor}")).await;
    assert_eq!(members(second.data(200), "version"), [1]);
    assert_eq!(second.body["pagination"], json!({ "limit": 20, "next_cursor": null }));
    let exact = history(&app, &id, "?limit=4").await;
    assert_eq!(exact.body["pagination"]["next_cursor"], Value::Null);

    let (other, _) = with_history(&app).await;
    history(&app, &other, &format!("?cursor={cursor}")).await.problem(400, "invalid_cursor");
    history(&app, &id, "?cursor=x").await.problem(400, "invalid_cursor");
    assert_eq!(history(&app, &id, "?limit=101&fields=id").await.faults(400, "invalid_query").len(), 2);
}

#[tokio::test]
async fn it_is_for_admins_and_of_what_is_there() {
    let app = App::followed().await;
    let (id, _) = with_history(&app).await;
    app.follow().await;
    for role in [Role::Moderator, Role::User] {
        app.get(&format!("/api/resources/{id}/history")).role(role).await.problem(403, "forbidden");
    }
    history(&app, NOWHERE, "").await.problem(404, "not_found");
    history(&app, "x", "").await.problem(404, "not_found");
    let path = format!("/api/resources/{id}");
    assert_eq!(app.delete(&path).await.status, 204);
    app.follow().await;
    history(&app, &id, "").await.problem(404, "not_found");
    app.post(&format!("{path}/restore"), &json!({})).await.data(200);
    app.follow().await;
    let actions = members(history(&app, &id, "?limit=2").await.data(200), "action");
    assert_eq!(actions, ["restored", "deleted"]);
}

#[tokio::test]
async fn a_page_of_large_versions_ends_early() {
    let app = App::followed().await;
    let text = |n: usize| json!({ "name": "n", "attributes": { "text": "x".repeat(390_000), "n": n } });
    let created = app.created(text(0)).await;
    let id = created["id"].as_str().unwrap();
    for n in 1..20 {
        app.put(&format!("/api/resources/{id}"), &text(n)).await.data(200);
    }
    app.follow().await;
    let (mut versions, mut query) = (Vec::new(), String::new());
    loop {
        let page = history(&app, id, &query).await;
        assert!(page.text.len() < 5_000_000);
        versions.extend(members(page.data(200), "version"));
        let Some(cursor) = page.body["pagination"]["next_cursor"].as_str() else { break };
        query = format!("?cursor={cursor}");
    }
    assert_eq!(versions, (1..=20).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_largest_resource_has_a_history() {
    let app = App::followed().await;
    let large = |length: usize| json!({ "name": "n", "attributes": { "text": "x".repeat(length) } });
    // As large as a resource can be.
    let mut length = 405_000;
    let created = loop {
        length += 50;
        let response = app.post("/api/resources", &large(length)).await;
        if response.status != 201 {
            break app.created(large(length - 50)).await;
        }
    };
    app.follow().await;
    let id = created["id"].as_str().unwrap();
    assert_eq!(history(&app, id, "").await.data(200)[0]["resource"], created);
}
