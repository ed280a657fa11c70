//! The roles that may read, write and delete the resources of a kind. They are checked before any lookup,
//! also for the targets of references.

use functions::ROUTES;
use resource_api::domain::{Caller, Permission, Role};
use resource_api::http::Method;
use serde_json::{Value, json};

use super::{OWNED, TOPICS, caller, create, path};
use crate::app::{App, NOWHERE};
use crate::logs::Log;

/// Every route, for a kind that users may not read, moderators may read, and admins may change.
#[tokio::test]
async fn a_role_without_the_permission_is_refused_before_anything_is_looked_up() {
    let app = App::of(OWNED).await;
    for role in Role::KNOWN {
        for route in ROUTES {
            let Some(access) = route.access else { continue };
            let path = route.path.replace("{kind}", "topics").replace("{id}", NOWHERE);
            let log = Log::start();
            let response = app.call(route.method.as_str(), &path).json(&json!({})).role(role).await;
            let permitted = Caller::example(role).may(access.permission, &TOPICS);
            assert_eq!(response.status != 403, permitted, "{role:?}: {} {path}", route.method);
            if !permitted {
                response.problem(403, "forbidden");
                assert_eq!(log.lines().pop().unwrap()["dynamodb_operations"], "");
            }
        }
    }
    assert!(ROUTES.iter().any(|route| route.method == Method::DELETE));
}

#[tokio::test]
async fn a_kind_may_permit_more_than_roles_have_by_default() {
    let app = App::of(OWNED).await;
    let (ada, bob) = (caller("ada", Role::User), caller("bob", Role::User));
    let note = create(&app, &ada, "notes", &json!({ "title": "t" })).await;
    let at = path("notes", &note);
    app.delete(&at).caller(&bob).await.problem(404, "not_found");
    assert_eq!(app.delete(&at).caller(&ada).await.status, 204);
    let deleted = app.get("/api/notes?status=deleted").caller(&ada).await;
    assert_eq!(deleted.data(200).as_array().unwrap().len(), 1);
    app.post(&format!("{at}/restore"), &Value::Null).caller(&ada).await.data(200);
    let delete = json!({ "operations": [{ "op": "delete", "id": note["id"] }] });
    app.post("/api/notes/batch", &delete).caller(&ada).await.data(200);
    // Purges and the history need the permission `admin`.
    app.delete(&format!("{at}?purge=true")).caller(&ada).await.problem(403, "forbidden");
    app.get(&format!("{at}/history")).caller(&ada).await.problem(403, "forbidden");
}

/// An operation of a batch needs its own permission.
#[tokio::test]
async fn each_operation_of_a_batch_needs_its_permission() {
    let app = App::of(OWNED).await;
    assert!(!Caller::example(Role::Moderator).may(Permission::Write, &TOPICS));
    let create = json!({ "operations": [{ "op": "create", "body": { "title": "t" } }] });
    app.post("/api/topics/batch", &create).role(Role::Moderator).await.problem(403, "forbidden");
    app.post("/api/topics/batch", &create).role(Role::Admin).await.data(200);
}

/// The target of a reference is shown only to roles that may read it. For others it does not exist.
#[tokio::test]
async fn a_reference_to_what_a_role_may_not_read_leads_nowhere() {
    let app = App::of(OWNED).await;
    let topic = create(&app, &caller("root", Role::Admin), "topics", &json!({ "title": "t" })).await;
    let ada = caller("ada", Role::User);
    let note = create(&app, &ada, "notes", &json!({ "title": "n", "topic_id": topic["id"] })).await;
    let at = format!("{}?expand=topic", path("notes", &note));
    assert_eq!(app.get(&at).caller(&ada).await.data(200)["topic"], Value::Null);
    let log = Log::start();
    let listed = app.get("/api/notes?expand=topic").caller(&ada).await;
    assert_eq!(listed.data(200)[0]["topic"], Value::Null);
    assert_eq!(log.lines().pop().unwrap()["dynamodb_operations"], "Query:1");
    for role in [Role::Admin, Role::Moderator] {
        assert_eq!(app.get(&at).role(role).await.data(200)["topic"]["title"], "t");
    }
}
