//! References whose target must exist when they are stored.

use resource_api::domain::{Caller, Field, Kind, Kinds, Role, Tenant};
use serde_json::{Value, json};

use super::SEATS_ONLY;
use crate::app::{App, NOWHERE};
use crate::shop::customer;

const MISSING: &[&str] = &["/customer_id reference_not_found"];

fn order(number: &str, customer: &Value) -> Value {
    json!({ "number": number, "customer_id": customer, "total": 1 })
}

fn path(order: &Value) -> String {
    format!("/api/orders/{}", order["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_reference_that_leads_nowhere_is_refused_whatever_is_written() {
    let app = App::start().await;
    let ada = customer(&app, "Ada").await;
    let nowhere = json!(NOWHERE);
    let refused = app.post("/api/orders", &order("A-1", &nowhere)).await;
    assert_eq!(refused.faults(409, "reference_not_found"), MISSING);
    assert_eq!(refused.body["details"][0]["message"], "There is no such customer");
    let refused = app.post("/api/orders", &order("A-1", &nowhere)).key("k").await;
    assert_eq!(refused.faults(409, "reference_not_found"), MISSING);

    let created = app.post("/api/orders", &order("A-1", &ada["id"])).await.data(201).clone();
    let patched = app.patch(&path(&created), &json!({ "customer_id": NOWHERE })).await;
    assert_eq!(patched.faults(409, "reference_not_found"), MISSING);
    let put = app.put(&path(&created), &order("A-1", &nowhere)).await;
    assert_eq!(put.faults(409, "reference_not_found"), MISSING);
    let batch = json!({ "operations": [
        { "op": "create", "body": order("A-2", &ada["id"]) },
        { "op": "create", "body": order("A-3", &nowhere) },
        { "op": "update", "id": created["id"], "body": { "customer_id": NOWHERE } },
    ] });
    assert_eq!(
        app.post("/api/orders/batch", &batch).await.faults(409, "reference_not_found"),
        [
            "/operations/1/body/customer_id reference_not_found",
            "/operations/2/body/customer_id reference_not_found"
        ]
    );
    assert_eq!(app.get("/api/orders").await.data(200).as_array().unwrap().len(), 1);
}

/// The first failing operation determines the response of the batch, and all failing ones are listed.
#[tokio::test]
async fn the_first_failing_operation_decides() {
    let app = App::start().await;
    let ada = customer(&app, "Ada").await;
    app.post("/api/orders", &order("A-1", &ada["id"])).await.data(201);
    let create = |number: &str, of: &Value| json!({ "op": "create", "body": order(number, of) });
    let operations = [create("A-1", &ada["id"]), create("A-2", &json!(NOWHERE)), create("A-2", &ada["id"])];
    let batch = json!({ "operations": operations });
    let faults = [
        "/operations/0/body/number already_exists",
        "/operations/1/body/customer_id reference_not_found",
        "/operations/2/body/number already_exists",
    ];
    assert_eq!(app.post("/api/orders/batch", &batch).await.faults(409, "already_exists"), faults);
    let batch = json!({ "operations": operations[1..] });
    let faults =
        ["/operations/0/body/customer_id reference_not_found", "/operations/1/body/number already_exists"];
    assert_eq!(app.post("/api/orders/batch", &batch).await.faults(409, "reference_not_found"), faults);
}

/// Deleted resources and those of other tenants do not exist; restored ones do.
#[tokio::test]
async fn what_cannot_be_seen_is_missing() {
    let app = App::start().await;
    let ada = customer(&app, "Ada").await;
    let customers = format!("/api/customers/{}", ada["id"].as_str().unwrap());
    let other = Caller { tenant: Tenant::parse("other").unwrap(), ..Caller::example(Role::User) };
    let of_other = app.post("/api/orders", &order("A-1", &ada["id"])).caller(&other).await;
    assert_eq!(of_other.faults(409, "reference_not_found"), MISSING);
    assert_eq!(app.delete(&customers).await.status, 204);
    let of_deleted = app.post("/api/orders", &order("A-1", &ada["id"])).await;
    assert_eq!(of_deleted.faults(409, "reference_not_found"), MISSING);
    app.post(&format!("{customers}/restore"), &Value::Null).await.data(200);
    app.post("/api/orders", &order("A-1", &ada["id"])).await.data(201);
}

/// Only new references are checked: a target that is deleted later blocks no change.
#[tokio::test]
async fn what_is_deleted_later_leaves_a_reference_that_leads_nowhere() {
    let app = App::start().await;
    let ada = customer(&app, "Ada").await;
    let created = app.post("/api/orders", &order("A-1", &ada["id"])).await.data(201).clone();
    assert_eq!(app.delete(&format!("/api/customers/{}", ada["id"].as_str().unwrap())).await.status, 204);
    let changed = app.patch(&path(&created), &json!({ "total": 2 })).await;
    assert_eq!(changed.data(200)["customer_id"], ada["id"]);
    app.put(&path(&created), &order("A-1", &ada["id"])).await.data(200);
    let expanded = app.get(&format!("{}?expand=customer", path(&created))).await;
    assert_eq!(expanded.data(200)["customer"], Value::Null);
    // Deleting and restoring add no reference.
    assert_eq!(app.delete(&path(&created)).await.status, 204);
    app.post(&format!("{}/restore", path(&created)), &Value::Null).await.data(200);
}

#[tokio::test]
async fn each_reference_of_a_list_is_named() {
    let app = App::of(SEATS_ONLY).await;
    let seat = |near: &[&Value]| json!({ "hall": "h", "near_ids": near });
    let one = app.post("/api/seats", &seat(&[])).await.data(201)["id"].clone();
    let missing = json!("019a1b2c-0000-7000-8000-000000000001");
    let refused = app.post("/api/seats", &seat(&[&json!(NOWHERE), &one, &missing])).await;
    let faults = ["/near_ids/0 reference_not_found", "/near_ids/2 reference_not_found"];
    assert_eq!(refused.faults(409, "reference_not_found"), faults);
    let two = app.post("/api/seats", &seat(&[&one])).await.data(201)["id"].clone();
    let path = format!("/api/seats/{}", two.as_str().unwrap());
    // It may refer to itself, because it exists.
    let own = app.patch(&path, &json!({ "near_ids": [one, two] })).await;
    assert_eq!(own.data(200)["near_ids"], json!([one, two]));
    let added = app.patch(&path, &json!({ "near_ids": [two, NOWHERE, one] })).await;
    assert_eq!(added.faults(409, "reference_not_found"), ["/near_ids/1 reference_not_found"]);
}

/// DynamoDB rejects two actions on one item, so resources that the same batch changes are not checked a
/// second time.
#[tokio::test]
async fn a_batch_may_refer_to_what_it_changes() {
    let app = App::of(SEATS_ONLY).await;
    let create = |near: &[&Value]| json!({ "op": "create", "body": { "hall": "h", "near_ids": near } });
    let seats = json!({ "operations": [create(&[]), create(&[])] });
    let seats = app.post("/api/seats/batch", &seats).await.data(200).clone();
    let (one, two) = (&seats[0]["id"], &seats[1]["id"]);
    let update = |id: &Value, body: Value| json!({ "op": "update", "id": id, "body": body });
    let each_other = json!({ "operations": [
        update(one, json!({ "near_ids": [two] })), update(two, json!({ "near_ids": [one] })), create(&[one, two]),
    ] });
    app.post("/api/seats/batch", &each_other).key("k").await.data(200);
    // A resource that the batch leaves unchanged exists, too.
    let unchanged = json!({ "operations": [update(one, json!({})), create(&[one])] });
    app.post("/api/seats/batch", &unchanged).await.data(200);
    let deleted = json!({ "operations": [create(&[one]), { "op": "delete", "id": one }, create(&[two])] });
    assert_eq!(
        app.post("/api/seats/batch", &deleted).await.faults(409, "reference_not_found"),
        ["/operations/0/body/near_ids/0 reference_not_found"]
    );
}

/// An id in several fields is checked once, and each place is reported once.
#[tokio::test]
async fn each_place_of_an_id_is_named_once() {
    const PAIRS: Kind = Kind::new("pairs", "pair").fields(&[
        Field::reference("one_id", "pairs").must_exist(),
        Field::reference("other_id", "pairs").must_exist(),
    ]);
    let app = App::of(const { Kinds::of(&[&PAIRS]) }).await;
    let refused = app.post("/api/pairs", &json!({ "one_id": NOWHERE, "other_id": NOWHERE })).await;
    let faults = ["/one_id reference_not_found", "/other_id reference_not_found"];
    assert_eq!(refused.faults(409, "reference_not_found"), faults);
}

/// Several references to one resource need one check, so a full batch fits.
#[tokio::test]
async fn many_references_to_one_resource_are_one_check() {
    let app = App::of(SEATS_ONLY).await;
    let one = app.post("/api/seats", &json!({ "hall": "h" })).await.data(201)["id"].clone();
    let create = json!({ "op": "create", "body": { "hall": "h", "near_ids": [one] } });
    let full = json!({ "operations": vec![&create; 99] });
    app.post("/api/seats/batch", &full).await.data(200);
    let too_many = json!({ "operations": vec![&create; 100] });
    app.post("/api/seats/batch", &too_many).await.problem(413, "content_too_large");
}

/// 100 different references and the resource itself exceed a transaction; 99 do not.
#[tokio::test]
async fn more_references_than_a_transaction_has_room_for_are_refused_before_it() {
    let app = App::of(SEATS_ONLY).await;
    let create = json!({ "op": "create", "body": { "hall": "h" } });
    let seats = app.post("/api/seats/batch", &json!({ "operations": vec![&create; 100] })).await;
    let ids: Vec<_> = seats.data(200).as_array().unwrap().iter().map(|seat| seat["id"].clone()).collect();
    let near = |count: usize| json!({ "hall": "h", "near_ids": ids[..count] });
    app.post("/api/seats", &near(100)).await.problem(413, "content_too_large");
    let created = app.post("/api/seats", &near(99)).await.data(201).clone();
    // References that are stored already are not checked again.
    let path = format!("/api/seats/{}", created["id"].as_str().unwrap());
    app.put(&path, &near(100)).await.data(200);
}
