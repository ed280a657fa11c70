//! IAM permissions. In all tests, a function may only make the calls in its table, as in AWS. Here: the
//! tables contain no other permissions.

use std::collections::{BTreeMap, BTreeSet};

use functions::{PROCESS_CHANGES, ROUTES};
use lambda_runtime::Context;
use resource_api::aws::IamPermission;
use resource_api::domain::{ApiKey, Caller, ResourceId, Role, Shards};
use serde_json::{Value, json};
use testing::with_permissions;

use crate::app::{App, Call, NOWHERE, Response};
use crate::process_changes::records;

type Permissions = BTreeSet<(String, String)>;

/// Each request takes its own tokens from the bucket.
const LIMITS: [(&str, &str); 3] =
    [("RATE_LIMIT_READ", "9999:9999"), ("RATE_LIMIT_WRITE", "9999:9999"), ("RATE_LIMIT_BLOCK", "off")];
/// More than fits into an item.
const TOO_LARGE: usize = 420_000;

fn permissions(granted: &[IamPermission]) -> Permissions {
    granted.iter().map(|it| (it.action.to_owned(), it.on.to_owned())).collect()
}

/// The permissions that each route used.
#[derive(Default)]
struct Used(BTreeMap<&'static str, Permissions>);

impl Used {
    async fn by(&mut self, route: &'static str, call: Call<'_>) -> Response {
        let response = call.role(Role::Admin).await;
        assert!(response.status < 500, "{route}: {response:#?}");
        self.0.entry(route).or_default().extend(response.used.clone());
        response
    }
}

/// A request for each route with an API key.
async fn of_api_keys(app: &App, used: &mut Used) {
    let key = ApiKey::new([7; 32]);
    for route in ROUTES.iter().filter(|route| route.access.is_some()) {
        let path = route.path.replace("{kind}", "resources").replace("{id}", NOWHERE);
        let call = app.call(route.method.as_str(), &path);
        let refused = call.header("authorization", &format!("Bearer {}", key.reveal())).await;
        refused.problem(401, "invalid_token");
        used.0.entry(route.name).or_default().extend(refused.used);
    }
}

/// Processes all changes with the function on the stream. Returns the permissions that it used.
async fn follow(app: &App) -> Permissions {
    let event = serde_json::from_value(json!({ "Records": records(app).await })).unwrap();
    let (function, context) = (app.follower(), Context::default());
    let (followed, used) =
        with_permissions(PROCESS_CHANGES.iam_permissions, function.respond(event, &context)).await;
    assert!(followed.unwrap().batch_item_failures.is_empty());
    used
}

fn path_of(created: &Response) -> String {
    format!("/api/resources/{}", created.data(201)["id"].as_str().unwrap())
}

#[tokio::test]
async fn each_function_uses_all_that_it_is_permitted() {
    let app = App::followed().await.instance_with(&LIMITS).await;
    let (all, nowhere) = ("/api/resources", format!("/api/resources/{NOWHERE}"));
    let mut used = Used::default();

    let created = used.by("create-resource", app.post(all, &json!({ "name": "n" }))).await;
    let (path, id) = (path_of(&created), created.body["data"]["id"].clone());
    used.by("create-resource", app.post(all, &json!({ "name": "n", "related_ids": [id] })).key("create"))
        .await;
    let large = json!({ "name": "n", "description": "d", "attributes": { "a": "x".repeat(TOO_LARGE) } });
    used.by("create-resource", app.post(all, &large).key("large")).await.problem(413, "content_too_large");

    let of_changes = follow(&app).await;

    used.by("list-resources", app.get(&format!("{all}?fields=*"))).await;
    used.by("get-resource", app.get(&format!("{path}?expand=related"))).await;
    used.by("list-related", app.get(&format!("{path}/related"))).await;
    let related = app.created(json!({ "name": "m", "related_ids": [id] })).await;
    let path_of_related = format!("{all}/{}", related["id"].as_str().unwrap());
    used.by("get-resource", app.get(&format!("{path_of_related}?expand=related"))).await;
    used.by("list-related", app.get(&format!("{path_of_related}/related"))).await;
    used.by("list-history", app.get(&format!("{path}/history"))).await;
    used.by("search-resources", app.get(&format!("{all}/search?q=n"))).await;
    used.by("batch-get-resources", app.post(&format!("{all}/batch-get"), &json!({ "ids": [id] }))).await;

    used.by("replace-resource", app.put(&path, &json!({ "name": "o" }))).await;
    for key in ["replace", "replace-nothing"] {
        used.by("replace-resource", app.put(&path, &json!({ "name": "p" })).key(key)).await;
    }
    used.by("replace-resource", app.put(&nowhere, &json!({ "name": "p" })).key("nowhere")).await;
    used.by("update-resource", app.patch(&path, &json!({ "name": "q" }))).await;
    for key in ["update", "update-nothing"] {
        used.by("update-resource", app.patch(&path, &json!({ "name": "r" })).key(key)).await;
    }
    used.by("update-resource", app.patch(&nowhere, &json!({ "name": "r" })).key("nowhere-2")).await;

    let restore = format!("{path}/restore");
    used.by("delete-resource", app.delete(&path)).await;
    used.by("restore-resource", app.post(&restore, &Value::Null)).await;
    used.by("delete-resource", app.delete(&path).key("delete")).await;
    used.by("restore-resource", app.post(&restore, &Value::Null).key("restore")).await;
    used.by("restore-resource", app.post(&restore, &Value::Null).key("restore-again")).await;

    let operations =
        |name: &str| json!({ "operations": [{ "op": "update", "id": id, "body": { "name": name } }] });
    let batch = format!("{all}/batch");
    used.by("batch-write-resources", app.post(&batch, &operations("s"))).await;
    used.by("batch-write-resources", app.post(&batch, &operations("s")).key("batch-nothing")).await;
    let of_nothing = json!({ "operations": [{ "op": "delete", "id": NOWHERE }] });
    used.by("batch-write-resources", app.post(&batch, &of_nothing).key("batch-nowhere")).await;

    used.by("delete-resource", app.delete(&format!("{path}?purge=true"))).await;
    used.by("delete-resource", app.delete(&format!("{path}?purge=true")).key("purge")).await;
    used.by("health", app.get("/health")).await;
    of_unique_values(&app, &mut used).await;
    of_api_keys(&app, &mut used).await;

    for route in ROUTES {
        assert_eq!(
            used.0.remove(route.name).unwrap_or_default(),
            permissions(route.iam_permissions),
            "{}",
            route.name
        );
    }
    let mut history = permissions(PROCESS_CHANGES.iam_permissions);
    // Versions are queried only when a resource is purged.
    assert!(history.remove(&("Query".to_owned(), "HistoryTable".to_owned())));
    assert_eq!(of_changes, history);
    let of_changes = follow(&app).await;
    assert_eq!(of_changes, permissions(PROCESS_CHANGES.iam_permissions));
}

/// Adds the permissions for unique values and required references.
async fn of_unique_values(app: &App, used: &mut Used) {
    let customer = |email: &str| json!({ "name": "n", "email": email });
    let created = used.by("create-resource", app.post("/api/customers", &customer("a@example.com"))).await;
    let id = &created.data(201)["id"];
    let path = format!("/api/customers/{}", id.as_str().unwrap());
    let order = json!({ "number": "A-1", "customer_id": id, "total": 1 });
    used.by("create-resource", app.post("/api/orders", &order)).await.data(201);
    used.by("replace-resource", app.put(&path, &customer("b@example.com"))).await.data(200);
    used.by("update-resource", app.patch(&path, &customer("c@example.com"))).await.data(200);
    let operations = json!({ "operations": [
        { "op": "create", "body": customer("d@example.com") },
        { "op": "update", "id": id, "body": customer("e@example.com") },
    ] });
    used.by("batch-write-resources", app.post("/api/customers/batch", &operations)).await.data(200);
    used.by("delete-resource", app.delete(&path)).await;
    used.by("restore-resource", app.post(&format!("{path}/restore"), &Value::Null)).await.data(200);
}

#[tokio::test]
async fn a_call_without_a_permission_is_refused_as_by_iam() {
    let app = App::start().await;
    let id = ResourceId::parse(NOWHERE).unwrap();
    let collection = Caller::example(Role::User).scope(&kinds::RESOURCES).unwrap();
    let read = async || app.repository(Shards::default()).find(&collection, id).await;
    let (allowed, _) =
        with_permissions(&[IamPermission { action: "GetItem", on: "ResourcesTable" }], read()).await;
    assert!(matches!(allowed.unwrap_err(), resource_api::Error::NotFound));
    let (refused, _) =
        with_permissions(&[IamPermission { action: "GetItem", on: "HistoryTable" }], read()).await;
    assert!(refused.unwrap_err().chain().contains("not authorized to perform GetItem on ResourcesTable"));
}

/// After a replay, the cache is updated only with calls that the function may make.
#[tokio::test]
async fn a_replay_with_a_cache_stays_within_its_permissions() {
    let app = App::with(&[("CACHE_URL", "redis://127.0.0.1:1")]).await;
    let app = app.with_cache_budget(std::time::Duration::from_millis(50)).await;
    let created = app.post("/api/resources", &json!({ "name": "n" })).await;
    let path = path_of(&created);
    for _ in 0..2 {
        app.post("/api/resources", &json!({ "name": "m" })).key("create").await.data(201);
        app.put(&path, &json!({ "name": "m" })).key("replace").await.data(200);
        app.patch(&path, &json!({ "name": "o" })).key("update").await.data(200);
        assert_eq!(app.delete(&path).key("delete").await.status, 204);
        app.post(&format!("{path}/restore"), &Value::Null).key("restore").await.data(200);
        app.post(
            "/api/resources/batch",
            &json!({ "operations": [{ "op": "create", "body": { "name": "m" } }] }),
        )
        .key("batch")
        .await
        .data(200);
        let id = &created.data(201)["id"];
        let update = json!({ "operations": [{ "op": "update", "id": id, "body": { "name": "p" } }] });
        app.post("/api/resources/batch", &update).key("batched-update").await.data(200);
    }
}
