//! Stored responses of idempotent requests: they are not returned to callers that may no longer see their
//! resources.

use resource_api::domain::Role;
use serde_json::json;

use super::{OWNED, caller, create, path};
use crate::app::App;

/// A moderator that becomes a user does not get the stored responses to its changes of others' resources.
#[tokio::test]
async fn what_a_role_no_longer_sees_is_not_replayed() {
    let app = App::of(OWNED).await;
    let (bob, moderator, user) =
        (caller("bob", Role::User), caller("ada", Role::Moderator), caller("ada", Role::User));
    let others = create(&app, &bob, "notes", &json!({ "title": "secret" })).await;
    let at = path("notes", &others);
    let patch = json!({ "title": "still secret" });
    let update = json!({ "op": "update", "id": others["id"], "body": { "title": "secret again" } });
    let batch = json!({ "operations": [update, { "op": "create", "body": { "title": "own" } }] });
    app.patch(&at, &patch).key("a").caller(&moderator).await.data(200);
    app.post("/api/notes/batch", &batch).key("b").caller(&moderator).await.data(200);
    let again = app.patch(&at, &patch).key("a").caller(&moderator).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));

    app.patch(&at, &patch).key("a").caller(&user).await.problem(404, "not_found");
    // A reused key is a 422 all the same: the key is the caller's own.
    app.patch(&at, &json!({ "title": "x" }))
        .key("a")
        .caller(&user)
        .await
        .problem(422, "idempotency_key_reused");
    app.post("/api/notes/batch", &batch).key("b").caller(&user).await.problem(404, "not_found");
}

/// Responses about its own resources are returned with any role.
#[tokio::test]
async fn own_ones_are_replayed() {
    let app = App::of(OWNED).await;
    let (moderator, user) = (caller("ada", Role::Moderator), caller("ada", Role::User));
    let body = json!({ "title": "own" });
    let created = app.post("/api/notes", &body).key("a").caller(&moderator).await;
    let at = path("notes", created.data(201));
    app.patch(&at, &json!({ "title": "mine" })).key("b").caller(&user).await.data(200);
    assert_eq!(app.delete(&at).key("c").caller(&user).await.status, 204);
    let again = app.post("/api/notes", &body).key("a").caller(&user).await;
    assert_eq!((again.header("idempotent-replayed"), again.data(201)), (Some("true"), created.data(201)));
    for role in [&moderator, &user] {
        let again = app.patch(&at, &json!({ "title": "mine" })).key("b").caller(role).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        let again = app.delete(&at).key("c").caller(role).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (204, Some("true")));
    }
}
