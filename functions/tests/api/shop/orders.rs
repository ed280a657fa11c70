//! Orders: a reference, exact numbers, lines, transitions, an immutable field, and a rule.

use rstest::rstest;
use serde_json::{Value, json};

use super::{customer, id};
use crate::app::{App, NOWHERE};

/// A valid order of a customer.
fn order(customer: &Value) -> Value {
    json!({
        "number": "A-1", "customer_id": customer["id"], "total": 21.99, "placed_on": "2026-11-25",
        "lines": [{ "sku": "x", "quantity": 2, "price": 10 }, { "sku": "y", "quantity": 1, "price": 1.99 }],
        "address": { "street": "Main Street 1", "city": "Köln", "postcode": "50667", "country": "DE" },
    })
}

#[tokio::test]
async fn an_order_is_what_was_sent_and_its_defaults() {
    let app = App::start().await;
    let ada = customer(&app, "Ada").await;
    let created = app.post("/api/orders", &order(&ada)).await.data(201).clone();
    let mut expected = order(&ada);
    for (name, value) in [("currency", json!("EUR")), ("status", json!("open")), ("version", json!(1))] {
        expected[name] = value;
    }
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(created[name], *value, "{name}");
    }
    let path = format!("/api/orders/{}", id(&created));
    assert_eq!(*app.get(&path).await.data(200), created);
    // A client can send back the resource that it read.
    assert_eq!(app.put(&path, &created).await.data(200)["version"], 1);
    let listed = app.get("/api/orders").await;
    let row = &listed.data(200)[0];
    assert_eq!((row.get("lines"), row.get("address"), row.get("updated_by")), (None, None, None));
    assert_eq!(row["total"], json!(21.99));
}

#[rstest]
#[case(json!({ "number": "a-1" }), &["/number invalid_format"])]
#[case(json!({ "number": "" }), &["/number too_short", "/number invalid_format"])]
#[case(json!({ "customer_id": null }), &["/customer_id required"])]
#[case(json!({ "customer_id": "x" }), &["/customer_id invalid_id"])]
#[case(json!({ "total": -0.01 }), &["/total too_small"])]
#[case(json!({ "total": "21.99" }), &["/total wrong_type"])]
#[case(json!({ "currency": "GBP" }), &["/currency invalid_value"])]
#[case(json!({ "placed_on": "2026-02-30" }), &["/placed_on invalid_format"])]
#[case(json!({ "lines": vec![json!({}); 201] }), &["/lines too_many"])]
#[case(
    json!({ "lines": [{ "sku": "", "quantity": 1001, "price": -1, "colour": 1 }, { "sku": "x", "quantity": 1.5 }] }),
    &[
        "/lines/0/colour unknown_field", "/lines/0/sku too_short", "/lines/0/quantity too_large",
        "/lines/0/price too_small", "/lines/1/quantity wrong_type", "/lines/1/price required",
    ]
)]
#[case(json!({ "address": { "city": "K", "country": "de" } }), &[
    "/address/street required", "/address/postcode required", "/address/country invalid_format",
])]
#[case(json!({ "total": 22 }), &["/total total_mismatch"])]
#[case(json!({ "status": "paid" }), &["/status invalid_value"])]
#[tokio::test]
async fn each_rule_that_an_order_breaks_is_named(#[case] changed: Value, #[case] expected: &[&str]) {
    let app = App::start().await;
    let mut body = order(&json!({ "id": NOWHERE }));
    for (name, value) in changed.as_object().unwrap() {
        body[name] = value.clone();
    }
    assert_eq!(app.post("/api/orders", &body).await.faults(400, "validation_failed"), expected);
}

#[tokio::test]
async fn the_rule_holds_for_every_way_to_write() {
    let app = App::start().await;
    let ada = customer(&app, "Ada").await;
    let created = app.post("/api/orders", &order(&ada)).await.data(201).clone();
    let path = format!("/api/orders/{}", id(&created));
    let wrong = json!({ "total": 22 });
    assert_eq!(app.patch(&path, &wrong).await.faults(400, "validation_failed"), ["/total total_mismatch"]);
    assert_eq!(
        app.patch(&path, &wrong).key("k").await.faults(400, "validation_failed"),
        ["/total total_mismatch"]
    );
    let mut body = order(&ada);
    body["total"] = json!(1e30);
    assert_eq!(app.put(&path, &body).await.faults(400, "validation_failed"), ["/total total_mismatch"]);
    assert_eq!(
        app.post("/api/orders", &body).key("l").await.faults(400, "validation_failed"),
        ["/total total_mismatch"]
    );
    let batch = json!({ "operations": [
        { "op": "create", "body": body }, { "op": "update", "id": created["id"], "body": wrong },
    ] });
    assert_eq!(
        app.post("/api/orders/batch", &batch).await.faults(400, "validation_failed"),
        ["/operations/0/body/total total_mismatch", "/operations/1/body/total total_mismatch"]
    );
    // Without lines any total is valid. With lines, the exact sum is required, however many digits it has.
    body["lines"] = json!([]);
    app.put(&path, &body).await.data(200);
    body["lines"] = json!([{ "sku": "x", "quantity": 3, "price": serde_json::from_str::<Value>("0.1000000000000000000000000000001").unwrap() }]);
    body["total"] = serde_json::from_str("0.3000000000000000000000000000003").unwrap();
    app.put(&path, &body).await.data(200);
}

#[tokio::test]
async fn a_number_stays_and_a_status_becomes_what_it_may() {
    let app = App::start().await;
    let ada = customer(&app, "Ada").await;
    let created = app.post("/api/orders", &order(&ada)).await.data(201).clone();
    let path = format!("/api/orders/{}", id(&created));
    assert_eq!(
        app.patch(&path, &json!({ "number": "A-2" })).await.faults(400, "validation_failed"),
        ["/number immutable"]
    );
    let to = async |status: Value| app.patch(&path, &json!({ "status": status })).await;
    let refused = to(json!("shipped")).await;
    let details = refused.problem(409, "invalid_transition");
    assert_eq!(
        (&details[0]["pointer"], &details[0]["code"]),
        (&json!("/status"), &json!("invalid_transition"))
    );
    assert_eq!(
        details[0]["message"],
        "The status open cannot become shipped; it can become paid or cancelled"
    );
    assert_eq!(to(json!("paid")).await.data(200)["status"], "paid");
    // Without `status`, a replacement keeps it; `null` requests the initial one.
    let replaced = app.put(&path, &order(&ada)).await;
    assert_eq!((&replaced.data(200)["status"], &replaced.data(200)["version"]), (&json!("paid"), &json!(2)));
    let mut body = order(&ada);
    body["status"] = Value::Null;
    app.put(&path, &body).await.problem(409, "invalid_transition");
    app.put(&path, &body).key("k").await.problem(409, "invalid_transition");
    to(Value::Null).await.problem(409, "invalid_transition");
    assert_eq!(to(json!("shipped")).await.data(200)["status"], "shipped");
    let last = to(json!("cancelled")).await;
    assert_eq!(
        last.problem(409, "invalid_transition")[0]["message"],
        "The status shipped is final: it cannot become cancelled"
    );
    let batch =
        json!({ "operations": [{ "op": "update", "id": created["id"], "body": { "status": "open" } }] });
    assert_eq!(
        app.post("/api/orders/batch", &batch).await.faults(409, "invalid_transition"),
        ["/operations/0/body/status invalid_transition"]
    );
    // Deleting and restoring are not transitions.
    assert_eq!(app.delete(&path).await.status, 204);
    assert_eq!(app.post(&format!("{path}/restore"), &json!({})).await.data(200)["status"], "shipped");
}

#[tokio::test]
async fn a_reference_is_expanded_to_the_summary_of_what_it_leads_to() {
    let app = App::start().await;
    let ada = customer(&app, "Ada").await;
    let created = app.post("/api/orders", &order(&ada)).await.data(201).clone();
    let grace = customer(&app, "Grace").await;
    let mut nowhere = order(&grace);
    nowhere["number"] = json!("A-2");
    app.post("/api/orders", &nowhere).await.data(201);
    // A target that is deleted later leaves a reference without a target.
    assert_eq!(app.delete(&format!("/api/customers/{}", id(&grace))).await.status, 204);
    let expanded = app.get(&format!("/api/orders/{}?expand=customer&fields=customer_id", id(&created))).await;
    let mut summary = ada.clone();
    for unlisted in ["notes", "updated_by"] {
        summary.as_object_mut().unwrap().remove(unlisted);
    }
    assert_eq!(*expanded.data(200), json!({ "customer_id": ada["id"], "customer": summary }));
    assert_eq!(expanded.header("etag"), None);
    let listed = app.get("/api/orders?expand=customer&fields=number&sort=created").await;
    let expected = json!([{ "number": "A-1", "customer": summary }, { "number": "A-2", "customer": null }]);
    assert_eq!(*listed.data(200), expected);
}
