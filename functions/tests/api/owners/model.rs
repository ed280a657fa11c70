//! Compares every route with a model: for every kind with roles that see only their own resources, every
//! role, and resources of the caller, of another caller and of another tenant, living and deleted. Resources
//! that do not exist for a caller have the same response and the same calls to DynamoDB as resources that do
//! not exist at all.

use functions::{KINDS, ROUTES};
use resource_api::domain::{Caller, Kind, Kinds, Permission, Role};
use resource_api::http::Route;
use rstest::rstest;
use serde_json::{Value, json};

use super::bodies::{self, Bodies};
use super::{OWNED, caller, create, elsewhere, ids, path};
use crate::app::{App, Call, NOWHERE, Response};
use crate::logs::Log;

/// The owner of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Own,
    Others,
    /// A caller with the same name in another tenant.
    OtherTenant,
    Nobody,
}

/// The resource of a request.
struct Target {
    owner: Owner,
    deleted: bool,
    resource: Value,
    bodies: Bodies,
}

/// Creates a resource of an owner, and deletes it if `deleted`.
async fn target(app: &App, kind: &Kind, owner: Owner, deleted: bool) -> Target {
    let by = match owner {
        Owner::Own | Owner::Nobody => caller("ada", Role::Admin),
        Owner::Others => caller("bob", Role::Admin),
        Owner::OtherTenant => elsewhere("ada", Role::Admin),
    };
    let bodies = bodies::of(app, kind, &by).await;
    let mut resource = create(app, &by, kind.name, &bodies.new).await;
    if owner == Owner::Nobody {
        resource["id"] = json!(NOWHERE);
    } else if deleted {
        assert_eq!(app.delete(&path(kind.name, &resource)).caller(&by).await.status, 204);
    }
    Target { owner, deleted, resource, bodies }
}

/// A request for one resource, and its response if the caller may do it and the resource exists.
struct Ask<'a> {
    name: &'static str,
    call: Call<'a>,
    needs: Permission,
    /// The status and code for a living resource, and for a deleted one.
    present: (i64, &'static str),
    deleted: (i64, &'static str),
    is_batch: bool,
}

const GONE: (i64, &str) = (404, "not_found");

/// The requests of a route for one resource. Empty if the route is for no resource, or for many.
fn asks<'a>(app: &'a App, route: &Route, kind: &Kind, target: &Target) -> Vec<Ask<'a>> {
    let Target { resource, bodies, .. } = target;
    let (at, id) = (path(kind.name, resource), &resource["id"]);
    let needs = route.access.unwrap().permission;
    let ask =
        |name, call, status| Ask { name, call, needs, present: (status, ""), deleted: GONE, is_batch: false };
    let batch = |name, operation: Value, needs| Ask {
        needs,
        is_batch: true,
        ..ask(
            name,
            app.post(&format!("/api/{}/batch", kind.name), &json!({ "operations": [operation] })),
            200,
        )
    };
    match route.name {
        "get-resource" => vec![
            ask("read", app.get(&at), 200),
            ask("read of some fields", app.get(&format!("{at}?fields=id")), 200),
            ask("read of what is known", app.get(&at).header("if-none-match", "\"1\""), 304),
            ask("read of anything known", app.get(&at).header("if-none-match", "*"), 304),
        ],
        "list-related" if kind.reference_lists().count() == 0 => {
            vec![Ask { present: GONE, ..ask("related", app.get(&format!("{at}/related")), 404) }]
        }
        "list-related" => vec![ask("related", app.get(&format!("{at}/related")), 200)],
        "list-history" => vec![ask("history", app.get(&format!("{at}/history")), 200)],
        "replace-resource" => {
            let mut body = bodies.new.clone();
            for (name, value) in bodies.patch.as_object().unwrap() {
                body[name] = value.clone();
            }
            vec![ask("replace", app.put(&at, &body), 200)]
        }
        "update-resource" => vec![ask("update", app.patch(&at, &bodies.patch), 200)],
        "delete-resource" => vec![
            ask("delete", app.delete(&at), 204),
            Ask {
                needs: Permission::Admin,
                deleted: (204, ""),
                ..ask("purge", app.delete(&format!("{at}?purge=true")), 204)
            },
        ],
        "restore-resource" => vec![Ask {
            present: (409, "conflict"),
            deleted: (200, ""),
            ..ask("restore", app.post(&format!("{at}/restore"), &Value::Null), 409)
        }],
        "batch-write-resources" => vec![
            batch(
                "batched update",
                json!({ "op": "update", "id": id, "body": bodies.patch }),
                Permission::Write,
            ),
            batch("batched deletion", json!({ "op": "delete", "id": id }), Permission::Delete),
        ],
        // These routes are for no resource, or for many; see below.
        "create-resource" | "list-resources" | "search-resources" | "batch-get-resources" => Vec::new(),
        name => panic!("{name} is a route that this test does not know"),
    }
}

/// The same request: plain, with a precondition, and with an idempotency key.
fn variants<'a>(ask: impl Fn() -> Ask<'a>) -> Vec<(&'static str, Ask<'a>)> {
    let with = |call: fn(Call<'a>) -> Call<'a>| {
        let ask = ask();
        Ask { call: call(ask.call), ..ask }
    };
    vec![
        ("plain", ask()),
        ("at another version", with(|call| call.header("if-match", "\"9\""))),
        ("with a key", with(|call| call.key(&format!("{:x}", fastrand::u64(..))))),
    ]
}

/// The response without the parts that differ for each request.
fn said(response: &Response) -> Value {
    let mut body = response.body.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
        body.remove("instance");
    }
    let etag = response.header("etag");
    json!({ "status": response.status, "body": body, "etag": etag, "length": body.to_string().len() })
}

/// The response according to the model.
fn expected(ask: &Ask<'_>, kind: &Kind, by: &Caller, target: &Target, variant: &str) -> (i64, &'static str) {
    let sees_all = !kind.access.owners_only.contains(&by.role);
    let visible = target.owner == Owner::Own || (target.owner == Owner::Others && sees_all);
    let found = if target.deleted { ask.deleted } else { ask.present };
    let changes = ask.needs != Permission::Read && ask.name != "history";
    match () {
        () if !by.may(ask.needs, kind) => (403, "forbidden"),
        () if !visible => GONE,
        // In a batch, `if_match` is a member of each operation.
        () if found != GONE && changes && !ask.is_batch && variant == "at another version" => {
            (412, "precondition_failed")
        }
        () => found,
    }
}

async fn walk(kinds: Kinds, kind: &'static Kind, role: Role) {
    let app = App::of(kinds).await;
    let by = caller("ada", role);
    for route in ROUTES.iter().filter(|route| route.access.is_some()) {
        let probe = target(&app, kind, Owner::Nobody, false).await;
        for place in 0..asks(&app, route, kind, &probe).len() {
            for variant in 0..3 {
                // All resources that do not exist for the caller have the same response.
                let mut hidden: Option<(Value, Value)> = None;
                for (owner, deleted) in [
                    (Owner::Nobody, false),
                    (Owner::Own, false),
                    (Owner::Own, true),
                    (Owner::Others, false),
                    (Owner::Others, true),
                    (Owner::OtherTenant, false),
                    (Owner::OtherTenant, true),
                ] {
                    let target = target(&app, kind, owner, deleted).await;
                    let ask = || asks(&app, route, kind, &target).swap_remove(place);
                    let (variant, ask) = variants(ask).swap_remove(variant);
                    let (status, code) = expected(&ask, kind, &by, &target, variant);
                    let what = format!("{} {variant} of {owner:?}, deleted: {deleted}", ask.name);
                    let call = ask.call.caller(&by);
                    let log = Log::start();
                    let response = call.await;
                    let calls = log.lines().pop().unwrap()["dynamodb_operations"].clone();
                    assert_eq!(response.status, status, "{what}: {response:#?}");
                    if status >= 400 {
                        response.problem(status, code);
                    }
                    let sees_all = !kind.access.owners_only.contains(&role);
                    if owner != Owner::Own && (owner != Owner::Others || !sees_all) {
                        let seen = (said(&response), calls);
                        assert_eq!(*hidden.get_or_insert_with(|| seen.clone()), seen, "{what}");
                    }
                }
            }
        }
    }
}

/// The kinds with roles that see only their own resources, of this API and of these tests.
fn owned() -> Vec<(Kinds, &'static Kind)> {
    let of = |kinds: Kinds| kinds.iter().filter(|kind| kind.has_owners()).map(move |kind| (kinds, kind));
    of(KINDS).chain(of(OWNED)).collect()
}

#[rstest]
#[tokio::test]
async fn each_answer_is_what_the_model_says(#[values(Role::Admin, Role::Moderator, Role::User)] role: Role) {
    for (kinds, kind) in owned() {
        Box::pin(walk(kinds, kind, role)).await;
    }
}

/// Lists, searches and reads of many return own resources, and others' if the role sees all.
#[rstest]
#[tokio::test]
async fn many_at_once_are_those_that_the_model_says(
    #[values(Role::Admin, Role::Moderator, Role::User)] role: Role,
) {
    for (kinds, kind) in owned() {
        let app = App::followed_of(kinds).await;
        let (by, sees_all) = (caller("ada", role), !kind.access.owners_only.contains(&role));
        let (mut present, mut gone, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for (owner, deleted) in [
            (Owner::Own, false),
            (Owner::Own, true),
            (Owner::Others, false),
            (Owner::Others, true),
            (Owner::OtherTenant, false),
        ] {
            let target = target(&app, kind, owner, deleted).await;
            let id = target.resource["id"].as_str().unwrap().to_owned();
            if owner == Owner::Own || (owner == Owner::Others && sees_all) {
                if deleted { gone.push(id.clone()) } else { present.push(id.clone()) }
            }
            all.push((id, target));
        }
        app.follow().await;
        let list = async |query: &str| {
            let page = app.get(&format!("/api/{}?{query}", kind.name)).caller(&by).await;
            (ids(page.data(200)), page.body["pagination"]["next_cursor"].clone())
        };
        let sorts = ["updated", "title", "total"].into_iter();
        let sorts = sorts.filter(|sort| *sort == "updated" || kind.indexes.contains(sort));
        for query in sorts.map(|sort| format!("sort={sort}")) {
            let (mut found, next) = list(&query).await;
            found.sort();
            assert_eq!((found, next), (present.clone(), Value::Null), "{query}");
        }
        for query in ["", "&fields=*", "&limit=100", "&offset=0"] {
            assert_eq!(
                list(&format!("sort=created{query}")).await,
                (present.clone(), Value::Null),
                "{query}"
            );
        }
        for (query, expected) in [("created_by=ada", true), ("created_by=bob", sees_all)] {
            assert_eq!(!list(query).await.0.is_empty(), expected, "{query}");
        }
        let deleted = app.get(&format!("/api/{}?status=deleted&sort=created", kind.name)).caller(&by).await;
        if by.may(Permission::Delete, kind) {
            assert_eq!(ids(deleted.data(200)), gone);
        } else {
            deleted.problem(403, "forbidden");
        }
        for (id, target) in &all {
            let found =
                app.get(&format!("/api/{}/search?q={}", kind.name, target.bodies.word)).caller(&by).await;
            let expected: Vec<_> = present.iter().filter(|it| *it == id).cloned().collect();
            assert_eq!(ids(found.data(200)), expected, "{:?}", target.owner);
            assert_eq!(found.body["pagination"]["exhaustive"], true);
        }
        let asked: Vec<_> = all.iter().map(|(id, _)| id.clone()).collect();
        let body = json!({ "ids": asked });
        let many = app.post(&format!("/api/{}/batch-get", kind.name), &body).caller(&by).await;
        assert_eq!(ids(many.data(200)), present);
        let missing: Vec<_> = asked.into_iter().filter(|id| !present.contains(id)).collect();
        assert_eq!(many.body["missing"], json!(missing));
    }
}
