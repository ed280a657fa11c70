//! The cost of each request according to its log line.

use resource_api::domain::Role;
use rstest::rstest;
use serde_json::{Value, json};

use super::Log;
use crate::app::{App, NOWHERE};

#[tokio::test]
async fn each_request_costs_what_its_line_says() {
    let app = App::followed().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    app.created(json!({ "name": "searched" })).await;
    app.follow().await;
    let cost = async |call: crate::app::Call<'_>| {
        let log = Log::start();
        call.await;
        let line = log.lines().pop().unwrap();
        (line["dynamodb_operations"].as_str().unwrap().to_owned(), line["dynamodb_calls"].as_i64().unwrap())
    };
    let create = json!({ "op": "create", "body": { "name": "n" } });
    let other = app.created(json!({ "name": "n" })).await;
    let update = json!({ "op": "update", "id": other["id"], "body": { "name": "o" } });
    let batch = json!({ "operations": vec![&create; 100] });
    let mixed = json!({ "operations": [create, update] });
    let stale = json!({ "operations": [{ "op": "delete", "id": other["id"], "if_match": "9" }] });
    let cases = [
        (app.get("/api/resources"), "Query:3"),
        (app.get("/api/resources?status=draft"), "Query:1"),
        (app.get("/api/resources?status=draft,active&limit=100"), "Query:2"),
        (app.get("/api/resources?sort=name&offset=1000"), "Query:3"),
        (app.get("/api/resources?status=active&sort=-updated&created_by=x"), "Query:1"),
        (app.get("/api/resources?status=active&fields=related_ids,name"), "Query:1"),
        (app.get("/api/resources?status=active&fields=*"), "BatchGetItem:1,Query:1"),
        (app.get("/api/resources?status=draft&fields=*&expand=related"), "Query:1"),
        (
            app.get("/api/resources?created_at[gt]=2026-11-22T00:00:00Z&created_at[lt]=2026-11-22T00:00:00Z"),
            "",
        ),
        (app.get(&path), "GetItem:1"),
        (app.get(&format!("{path}?fields=name")), "GetItem:1"),
        (app.get(&format!("{path}?expand=related")), "GetItem:1"),
        (app.get(&format!("{path}/related")), "GetItem:1"),
        (app.post("/api/resources/batch-get", &json!({ "ids": vec![NOWHERE; 100] })), "BatchGetItem:1"),
        (app.get("/api/resources/search?q=s"), "BatchGetItem:1,Query:1"),
        (app.get("/api/resources/search?q=s+s&fields=name,version"), "BatchGetItem:1,Query:1"),
        (app.get("/api/resources/search?q=searched+s&fields=*"), "BatchGetItem:1,Query:2"),
        (app.get("/api/resources/search?q=searched+nowhere"), "Query:2"),
        (app.get(&format!("{path}/history")).role(Role::Admin), "GetItem:1,Query:1"),
        (app.post("/api/resources", &json!({ "name": "n" })), "PutItem:1"),
        (app.put(&path, &json!({ "name": "m" })), "UpdateItem:1"),
        (app.put(&path, &json!({ "name": "m" })), "UpdateItem:1"),
        (app.put(&path, &json!({ "name": "o" })).header("if-match", "\"9\""), "UpdateItem:1"),
        (app.patch(&path, &json!({ "name": "p" })), "GetItem:1,PutItem:1"),
        (app.patch(&path, &json!({ "name": "p" })), "GetItem:1"),
        (app.patch(&path, &json!({ "name": "q" })).header("if-match", "\"9\""), "GetItem:1"),
        (app.patch(&path, &json!({ "name": "k" })).key("a"), "GetItem:1,TransactWriteItems:1"),
        (app.patch(&path, &json!({ "name": "k" })).key("a"), "GetItem:1,TransactWriteItems:1"),
        (app.put(&path, &json!({ "name": "k" })).key("b"), "GetItem:1,TransactWriteItems:1"),
        (app.post("/api/resources", &json!({ "name": "n" })).key("c"), "TransactWriteItems:1"),
        (app.post("/api/resources", &json!({ "name": "n" })).key("c"), "TransactWriteItems:1"),
        (app.post("/api/resources", &json!({ "name": "n" })).key("a"), "TransactWriteItems:1"),
        (app.delete(&path).header("if-match", "\"9\""), "UpdateItem:1"),
        (app.delete(&path).header("if-match", "\"9\"").key("d"), "GetItem:2"),
        (app.delete(&path).key("e"), "GetItem:1,TransactWriteItems:1"),
        (app.delete(&path), "UpdateItem:1"),
        (app.post(&format!("{path}/restore"), &json!({})), "GetItem:1,PutItem:1"),
        (app.post(&format!("{path}/restore"), &json!({})), "GetItem:1"),
        (app.delete(&path), "UpdateItem:1"),
        (app.delete(&format!("{path}?purge=true")).role(Role::Admin), "DeleteItem:1"),
        (app.post("/api/resources/batch", &batch), "TransactWriteItems:1"),
        (app.post("/api/resources/batch", &mixed), "BatchGetItem:1,TransactWriteItems:1"),
        (app.post("/api/resources/batch", &mixed).key("f"), "BatchGetItem:1,TransactWriteItems:1"),
        (app.post("/api/resources/batch", &stale), "BatchGetItem:1"),
        (app.get("/api/resources/x"), ""),
        (app.post("/api/resources", &json!({})), ""),
        (app.get("/health"), ""),
    ];
    for (number, (call, operations)) in cases.into_iter().enumerate() {
        let (logged, calls) = cost(call).await;
        assert_eq!(logged, operations, "case {number}");
        let expected: i64 =
            operations.split(',').filter_map(|part| part.split_once(':')?.1.parse::<i64>().ok()).sum();
        assert_eq!(calls, expected, "case {number}");
    }
}

/// The calls to DynamoDB of a request with this path.
async fn operations(app: &App, path: &str) -> String {
    let log = Log::start();
    app.get(path).await.data(200);
    log.lines().pop().unwrap()["dynamodb_operations"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn relations_of_a_page_are_one_batch_read() {
    let app = App::start().await;
    let mut ids: Vec<Value> = Vec::new();
    for number in 0..40 {
        let related = ids.iter().rev().take(5).collect::<Vec<_>>();
        let status = if number < 20 { "draft" } else { "active" };
        ids.push(
            app.created(json!({ "name": "n", "status": status, "related_ids": related })).await["id"].clone(),
        );
    }
    let list = |parameters: &str| format!("/api/resources?status=active&expand=related{parameters}");
    assert_eq!(operations(&app, &list("")).await, "BatchGetItem:1,Query:1");
    assert_eq!(operations(&app, &list("&fields=*")).await, "BatchGetItem:2,Query:1");
    let path = format!("/api/resources/{}", ids[39].as_str().unwrap());
    assert_eq!(operations(&app, &format!("{path}?expand=related")).await, "BatchGetItem:1,GetItem:1");
    assert_eq!(operations(&app, &format!("{path}/related")).await, "BatchGetItem:1,GetItem:1");
}

/// 100 rows with 100 references each: no id is requested twice, and each call has 100 ids.
#[rstest]
#[case::all_different(100, "BatchGetItem:100,Query:1")]
#[case::the_same_for_all(0, "BatchGetItem:1,Query:1")]
#[case::half_of_each_the_next_ones(50, "BatchGetItem:51,Query:1")]
#[tokio::test]
async fn a_full_page_with_all_its_relations_is_the_fewest_calls(#[case] step: u64, #[case] expected: &str) {
    let app = App::start().await;
    for number in 0..100 {
        let id = |at: u64| format!("019a1b2c-0000-7000-8000-{:012x}", number * step + at);
        let related: Vec<_> = (0..100).map(id).collect();
        app.created(json!({ "name": "n", "related_ids": related })).await;
    }
    assert_eq!(operations(&app, "/api/resources?status=active&expand=related&limit=100").await, expected);
}

/// The units of changes of resources of up to 1 KB, without and with an idempotency key. DynamoDB does not
/// report the unit of a failed condition.
#[tokio::test]
async fn each_change_takes_the_units_that_the_architecture_says() {
    let app = App::start().await;
    let id = app.created(json!({ "name": "n" })).await["id"].as_str().unwrap().to_owned();
    let other = app.created(json!({ "name": "n" })).await["id"].as_str().unwrap().to_owned();
    let path = &format!("/api/resources/{id}");
    let create = json!({ "op": "create", "body": { "name": "n" } });
    let ten = json!({ "operations": vec![create; 10] });
    let restore = || app.post(&format!("{path}/restore"), &json!(null));
    let purge = |id: &str| app.delete(&format!("/api/resources/{id}?purge=true")).role(Role::Admin);
    let cases = [
        (app.post("/api/resources", &json!({ "name": "n" })), 4.0),
        (app.post("/api/resources", &json!({ "name": "n" })).key("create"), 7.0),
        (app.put(path, &json!({ "name": "a" })), 6.0),
        (app.put(path, &json!({ "name": "b" })).key("replace"), 9.0),
        (app.put(path, &json!({ "name": "b" })), 0.0),
        (app.patch(path, &json!({ "description": "c" })), 5.0),
        (app.patch(path, &json!({ "description": "d" })).key("update"), 8.0),
        (app.patch(path, &json!({ "name": "e" })), 6.0),
        (app.patch(path, &json!({ "status": "draft" })), 7.0),
        (app.delete(path), 7.0),
        (restore(), 7.0),
        (app.delete(path).key("delete"), 10.0),
        (restore().key("restore"), 10.0),
        (app.post("/api/resources/batch", &ten), 50.0),
        (app.post("/api/resources/batch", &ten).key("batch"), 56.0),
        (purge(&id), 4.0),
        (purge(&other).key("purge"), 7.0),
    ];
    for (number, (call, units)) in cases.into_iter().enumerate() {
        let log = Log::start();
        let response = call.await;
        assert!(response.status < 300, "case {number}: {response:#?}");
        if app.store.counts_units() {
            assert_eq!(log.lines().pop().unwrap()["dynamodb_write_units"], units, "case {number}");
        }
    }
}

/// The same for an order, whose kind uses `Lists::Together`, four indexes, a unique number and a required
/// reference.
#[tokio::test]
async fn each_change_of_an_order_takes_the_units_that_the_architecture_says() {
    let app = App::start().await;
    let customer = crate::shop::customer(&app, "Ada").await["id"].clone();
    let order_of = |number: &str, total: i64| json!({ "number": number, "customer_id": customer, "total": total, "placed_on": "2026-11-25" });
    let order = |total: i64| order_of("A-1", total);
    let id = app.post("/api/orders", &order(1)).await.data(201)["id"].as_str().unwrap().to_owned();
    let path = &format!("/api/orders/{id}");
    let cases = [
        (app.post("/api/orders", &order_of("A-2", 1)), "TransactWriteItems:1", 12.0),
        (app.put(path, &order(2)), "GetItem:1,PutItem:1", 9.0),
        (app.put(path, &order(2)), "GetItem:1", 0.0),
        (app.patch(path, &json!({ "status": "paid" })), "GetItem:1,PutItem:1", 8.0),
        (app.patch(path, &json!({ "placed_on": "2026-11-26" })), "GetItem:1,PutItem:1", 9.0),
        (app.delete(path), "GetItem:1,TransactWriteItems:1", 16.0),
    ];
    for (number, (call, operations, units)) in cases.into_iter().enumerate() {
        let log = Log::start();
        let response = call.await;
        assert!(response.status < 300, "case {number}: {response:#?}");
        let line = log.lines().pop().unwrap();
        assert_eq!(line["dynamodb_operations"], operations, "case {number}");
        if app.store.counts_units() {
            assert_eq!(line["dynamodb_write_units"], units, "case {number}");
        }
    }
}

#[tokio::test]
async fn capacity_units_are_counted() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n", "attributes": { "a": "x".repeat(9_000) } })).await;
    let log = Log::start();
    app.get(&format!("/api/resources/{}", created["id"].as_str().unwrap())).await;
    // A strongly consistent read takes 1 unit for each 4 KB.
    assert_eq!(log.lines()[0]["dynamodb_read_units"], 3.0);
}
