//! The example shop: two more kinds on every route.

mod lists;
mod model;
mod orders;

use resource_api::domain::Role;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

/// Creates a customer with this name and a random email address.
pub(crate) async fn customer(app: &App, name: &str) -> Value {
    let body = json!({ "name": name, "email": format!("{:x}@example.com", fastrand::u64(..)) });
    app.post("/api/customers", &body).await.data(201).clone()
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_customer_is_created_read_changed_deleted_and_restored() {
    let app = App::followed().await;
    let body = json!({ "name": " Ada ", "email": "ada@example.com", "notes": "line one\nline two" });
    let created = app.post("/api/customers", &body).await;
    let data = created.data(201).clone();
    let path = format!("/api/customers/{}", id(&data));
    assert_eq!(created.header("location"), Some(&*path));
    assert_eq!(created.header("etag"), Some("\"1\""));
    let expected = json!({
        "id": data["id"], "name": "Ada", "email": "ada@example.com", "tier": "standard",
        "notes": "line one\nline two", "status": "active", "version": 1, "created_at": data["created_at"],
        "updated_at": data["created_at"], "created_by": "moderator", "updated_by": "moderator",
    });
    assert_eq!(data, expected);
    assert_eq!(*app.get(&path).await.data(200), data);
    assert_eq!(app.get(&path).header("if-none-match", "\"1\"").await.status, 304);
    assert_eq!(
        *app.get(&format!("{path}?fields=tier,notes")).await.data(200),
        json!({ "tier": "standard", "notes": "line one\nline two" })
    );

    let replaced =
        app.put(&path, &json!({ "name": "Ada", "email": "ada@example.com", "tier": "gold" })).await;
    assert_eq!((&replaced.data(200)["tier"], &replaced.data(200)["notes"]), (&json!("gold"), &Value::Null));
    let patched =
        app.patch(&path, &json!({ "status": "archived", "tier": null })).header("if-match", "\"2\"").await;
    assert_eq!(
        (&patched.data(200)["tier"], &patched.data(200)["status"]),
        (&json!("standard"), &json!("archived"))
    );
    app.patch(&path, &json!({ "tier": "gold" }))
        .header("if-match", "\"2\"")
        .await
        .problem(412, "precondition_failed");
    // The same patch again changes nothing.
    assert_eq!(app.patch(&path, &json!({ "status": "archived" })).await.data(200)["version"], 3);

    assert_eq!(app.delete(&path).await.status, 204);
    app.get(&path).await.problem(404, "not_found");
    let deleted = app.get("/api/customers?status=deleted").role(Role::Admin).await;
    assert_eq!(deleted.data(200)[0]["status"], "deleted");
    assert_eq!(app.post(&format!("{path}/restore"), &json!({})).await.data(200)["status"], "archived");

    app.follow().await;
    let history = app.get(&format!("{path}/history")).role(Role::Admin).await;
    let actions: Vec<_> =
        history.data(200).as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["restored", "deleted", "updated", "updated", "created"]);
    assert_eq!(history.data(200)[4]["resource"], data);

    assert_eq!(app.delete(&format!("{path}?purge=true")).role(Role::Admin).await.status, 204);
    app.post(&format!("{path}/restore"), &json!({})).await.problem(404, "not_found");
}

#[tokio::test]
async fn kinds_do_not_meet() {
    let app = App::followed().await;
    let ada = customer(&app, "Ada").await;
    app.created(json!({ "name": "Ada" })).await;
    app.follow().await;
    for kind in ["customers", "resources"] {
        let found = app.get(&format!("/api/{kind}/search?q=ada")).await;
        assert_eq!(found.data(200).as_array().unwrap().len(), 1, "{kind}");
        assert_eq!(app.get(&format!("/api/{kind}")).await.data(200).as_array().unwrap().len(), 1, "{kind}");
    }
    // An id of another kind does not exist.
    let elsewhere = format!("/api/resources/{}", id(&ada));
    app.get(&elsewhere).await.problem(404, "not_found");
    app.put(&elsewhere, &json!({ "name": "n" })).await.problem(404, "not_found");
    app.delete(&elsewhere).await.problem(404, "not_found");
    app.get(&format!("{elsewhere}/history")).role(Role::Admin).await.problem(404, "not_found");
    let batch = app.post("/api/resources/batch-get", &json!({ "ids": [ada["id"]] })).await;
    assert_eq!(batch.body["missing"], json!([ada["id"]]));
    let page = app.get("/api/customers?limit=1").await;
    assert_eq!(page.body["pagination"]["next_cursor"], Value::Null);
    customer(&app, "Grace").await;
    let cursor = app.get("/api/customers?limit=1").await.body["pagination"]["next_cursor"].clone();
    let cursor = cursor.as_str().unwrap();
    app.get(&format!("/api/resources?limit=1&cursor={cursor}")).await.problem(400, "invalid_cursor");
}

#[tokio::test]
async fn what_a_kind_does_not_have_is_no_path() {
    let app = App::start().await;
    // An undeclared kind is a 404 for every caller.
    app.get("/api/no-such-kind").await.problem(404, "not_found");
    app.get("/api/no-such-kind").anonymous().await.problem(404, "not_found");
    app.post("/api/no-such-kind", &json!({ "name": "n" })).await.problem(404, "not_found");
    app.call("PUT", "/api/no-such-kind").await.problem(404, "not_found");
    app.call("PUT", "/api/orders").await.problem(405, "method_not_allowed");
    // These kinds have no lists of references.
    for kind in ["customers", "orders"] {
        let related = app.get(&format!("/api/{kind}/{NOWHERE}/related")).await;
        assert_eq!(related.problem(404, "not_found"), &Value::Null);
    }
    let expand = app.get("/api/customers?expand=orders").await;
    assert_eq!(expand.faults(400, "invalid_query"), ["expand invalid_value"]);
}

#[tokio::test]
async fn a_batch_is_of_one_kind_and_all_or_nothing() {
    let app = App::start().await;
    let ada = customer(&app, "Ada").await;
    let create = |name: &str| json!({ "op": "create", "body": { "name": name, "email": "b@example.com" } });
    let operations = json!({ "operations": [
        create("Grace"),
        { "op": "update", "id": ada["id"], "body": { "tier": "gold" }, "if_match": "1" },
    ] });
    let done = app.post("/api/customers/batch", &operations).key("k").await;
    assert_eq!((&done.data(200)[0]["name"], &done.data(200)[1]["tier"]), (&json!("Grace"), &json!("gold")));
    let again = app.post("/api/customers/batch", &operations).key("k").await;
    assert_eq!((again.header("idempotent-replayed"), &again.body), (Some("true"), &done.body));
    // The same key with another kind is another request.
    app.post("/api/resources/batch", &operations).key("k").await.problem(422, "idempotency_key_reused");
    let bad = json!({ "operations": [create("Edsger"), { "op": "create", "body": { "name": "x", "email": "x", "tier": "tin" } }] });
    assert_eq!(
        app.post("/api/customers/batch", &bad).await.faults(400, "validation_failed"),
        ["/operations/1/body/email invalid_format", "/operations/1/body/tier invalid_value"]
    );
    assert_eq!(app.get("/api/customers").await.data(200).as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn each_change_of_each_kind_is_told_with_its_kind() {
    let app = App::followed().await;
    let ada = customer(&app, "Ada").await;
    app.patch(&format!("/api/customers/{}", id(&ada)), &json!({ "notes": "n", "tier": "gold" }))
        .await
        .data(200);
    let bus = testing::RecordingBus::start(0.0).await.unwrap();
    let publisher = crate::app::following::publisher(&bus.config());
    let records = crate::process_changes::records(&app).await;
    crate::app::following::invoke(&publisher, &json!({ "Records": records })).await.unwrap();
    let entries = bus.entries();
    assert_eq!(entries[0]["DetailType"], "customer.created");
    let updated = &entries[1]["Detail"];
    assert_eq!((&updated["type"], &updated["kind"]), (&json!("customer.updated"), &json!("customers")));
    assert_eq!(updated["changed"], json!(["tier", "notes"]));
    // Lists show the tier, and omit the notes.
    assert_eq!((&updated["resource"]["tier"], updated["resource"].get("notes")), (&json!("gold"), None));
}

/// A kind may be removed from the table while its resources exist.
#[tokio::test]
async fn changes_of_a_kind_that_is_not_declared_are_left_out() {
    let app = App::followed().await;
    customer(&app, "Ada").await;
    let kept = app.created(json!({ "name": "kept" })).await;
    let records = crate::process_changes::records(&app).await;
    let mut of_another = records.clone();
    for record in &mut of_another {
        let text = record.to_string().replace("#customers#", "#no-such-kind#");
        *record = serde_json::from_str(&text).unwrap();
    }
    let answer = crate::app::following::invoke(&app.follower(), &json!({ "Records": of_another })).await;
    assert_eq!(answer, Some(json!({ "batchItemFailures": [] })));
    let found = app.get("/api/resources/search?q=kept&fields=id").await;
    assert_eq!(*found.data(200), json!([{ "id": kept["id"] }]));
}

#[tokio::test]
async fn the_cache_holds_every_kind() {
    let Some((app, _server)) = crate::cache::start(&[]).await else { return };
    let ada = customer(&app, "Ada").await;
    let path = format!("/api/customers/{}", id(&ada));
    // The first read starts an epoch, and the second fills the entry.
    for _ in 0..2 {
        app.get(&path).header("cache-control", "no-cache").await.data(200);
    }
    let read = app.get(&path).await;
    assert_eq!((read.header("x-cache"), read.data(200)), (Some("hit"), &ada));
    let order = json!({
        "number": "A-1", "customer_id": ada["id"], "total": 0.30, "placed_on": "2026-11-25",
        "lines": [{ "sku": "s\"1\"", "quantity": 3, "price": 0.1 }],
    });
    let order = app.post("/api/orders", &order).await.data(201).clone();
    let read = app.get(&format!("/api/orders/{}", id(&order))).await;
    assert_eq!((read.header("x-cache"), read.data(200)), (Some("hit"), &order));
    let expanded = app.get("/api/orders?expand=customer").await;
    assert_eq!(
        (expanded.header("x-cache"), &expanded.data(200)[0]["customer"]["name"]),
        (Some("hit"), &json!("Ada"))
    );
}
