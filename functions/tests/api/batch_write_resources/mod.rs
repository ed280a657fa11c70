//! `POST /api/resources/batch`

mod concurrency;

use resource_api::domain::{Caller, Role};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

const PATH: &str = "/api/resources/batch";

fn operations(operations: &[Value]) -> Value {
    json!({ "operations": operations })
}

/// Creates resources. Returns their ids.
async fn created(app: &App, count: usize) -> Vec<String> {
    let create = json!({ "op": "create", "body": { "name": "n" } });
    let response = app.post(PATH, &operations(&vec![create; count])).await;
    let resources = response.data(200).as_array().unwrap();
    resources.iter().map(|resource| resource["id"].as_str().unwrap().to_owned()).collect()
}

/// The versions of resources, in the order of the ids.
async fn versions(app: &App, ids: &[String]) -> Vec<i64> {
    let response = app.post("/api/resources/batch-get?fields=version", &json!({ "ids": ids })).await;
    response.data(200).as_array().unwrap().iter().map(|row| row["version"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn operations_are_answered_in_their_order() {
    let app = App::start().await;
    let ids = created(&app, 3).await;
    let batch = operations(&[
        json!({ "op": "delete", "id": ids[0] }),
        json!({ "op": "update", "id": ids[1], "if_match": "1", "body": { "attributes": { "a": 1 } } }),
        json!({ "op": "create", "body": { "name": "new", "status": "draft" } }),
        json!({ "op": "replace", "id": ids[2], "if_match": "\"9\", \"1\"", "body": { "name": "m" } }),
    ]);
    let response = app.post(PATH, &batch).await;
    let data = response.data(200).as_array().unwrap();
    assert_eq!(data[0], Value::Null);
    assert_eq!((&data[1]["attributes"], &data[1]["version"]), (&json!({ "a": 1 }), &json!(2)));
    assert_eq!((&data[2]["name"], &data[2]["version"]), (&json!("new"), &json!(1)));
    assert_eq!((&data[3]["name"], &data[3]["version"]), (&json!("m"), &json!(2)));
    assert_eq!(response.header("etag"), None);
    app.get(&format!("/api/resources/{}", ids[0])).await.problem(404, "not_found");
    for resource in &data[1..] {
        assert_eq!(
            app.get(&format!("/api/resources/{}", resource["id"].as_str().unwrap())).await.data(200),
            resource
        );
    }
}

#[tokio::test]
async fn an_operation_that_changes_nothing_leaves_its_version() {
    let app = App::start().await;
    let ids = created(&app, 2).await;
    let same = json!({ "op": "update", "id": ids[0], "body": { "name": "n" } });
    let other = json!({ "op": "update", "id": ids[1], "body": { "name": "m" } });
    let response = app.post(PATH, &operations(&[same, other])).await;
    assert_eq!(response.data(200)[0]["version"], 1);
    assert_eq!(versions(&app, &ids).await, [1, 2]);
}

#[rstest]
#[case::nothing(json!({}), &["/operations required"])]
#[case::none(json!({ "operations": [] }), &["/operations too_few"])]
#[case::one(json!({ "operations": {} }), &["/operations wrong_type"])]
#[case::too_many(json!({ "operations": vec![json!({}); 101] }), &["/operations too_many"])]
#[case::more(json!({ "operations": [{}], "atomic": true }), &["/atomic unknown_field"])]
#[case::list(json!([]), &[" wrong_type"])]
#[case::no_objects(operations(&[json!(1), json!(null)]), &["/operations/0 wrong_type", "/operations/1 wrong_type"])]
#[case::ops(operations(&[json!({}), json!({ "op": "drop" }), json!({ "op": 1 })]),
    &["/operations/0/op required", "/operations/1/op invalid_value", "/operations/2/op wrong_type"])]
#[case::ids(operations(&[
    json!({ "op": "delete" }), json!({ "op": "delete", "id": "x" }), json!({ "op": "delete", "id": 1 }),
]), &["/operations/0/id required", "/operations/1/id invalid_id", "/operations/2/id wrong_type"])]
#[case::members(operations(&[
    json!({ "op": "create", "id": NOWHERE, "if_match": "1", "body": { "name": "n" } }),
    json!({ "op": "delete", "id": NOWHERE, "body": {} }),
    json!({ "op": "update", "id": NOWHERE }),
    json!({ "op": "replace", "id": NOWHERE, "body": {}, "if_match": "x" }),
    json!({ "op": "update", "id": NOWHERE.replace('0', "1"), "body": [], "if_match": 3 }),
]), &[
    "/operations/0/id unknown_field", "/operations/0/if_match unknown_field", "/operations/1/body unknown_field",
    "/operations/2/body required", "/operations/3/if_match invalid_value", "/operations/3/body/name required",
    "/operations/4/if_match wrong_type", "/operations/4/body wrong_type",
])]
#[case::bodies(operations(&[
    json!({ "op": "create", "body": { "name": "", "a/b": 1, "status": "deleted" } }),
    json!({ "op": "create", "body": 5 }),
]), &[
    "/operations/0/body/a~1b unknown_field", "/operations/0/body/name too_short", "/operations/0/body/status invalid_value",
    "/operations/1/body wrong_type",
])]
#[tokio::test]
async fn every_fault_is_named(#[case] body: Value, #[case] faults: &[&str]) {
    let app = App::start().await;
    assert_eq!(app.post(PATH, &body).await.faults(400, "validation_failed"), faults);
    assert_eq!(*app.get("/api/resources").await.data(200), json!([]));
}

#[tokio::test]
async fn a_resource_is_changed_once() {
    let app = App::start().await;
    let ids = created(&app, 1).await;
    let (lower, upper) = (&ids[0], ids[0].to_uppercase());
    let batch = operations(&[json!({ "op": "delete", "id": lower }), json!({ "op": "delete", "id": upper })]);
    assert_eq!(app.post(PATH, &batch).await.faults(400, "validation_failed"), ["/operations/1/id repeated"]);
    assert_eq!(versions(&app, &ids).await, [1]);
}

/// The first failing operation determines the status. All failing ones are listed, including those that only
/// the transaction can detect.
#[rstest]
#[case::missing(&["missing", "stale", "bad", "patch"], 404, "not_found")]
#[case::stale(&["good", "stale", "missing", "bad"], 412, "precondition_failed")]
#[case::bad(&["bad", "missing", "good", "stale"], 400, "validation_failed")]
#[case::bad_by_its_result(&["good", "patch", "stale"], 400, "validation_failed")]
#[case::deleted(&["good", "deleted", "bad"], 404, "not_found")]
#[case::foreign(&["foreign", "bad"], 404, "not_found")]
#[tokio::test]
async fn all_that_fails_is_named_and_nothing_is_done(
    #[case] kinds: &[&str],
    #[case] status: i64,
    #[case] code: &str,
) {
    let app = App::start().await;
    let ids = created(&app, 4).await;
    app.delete(&format!("/api/resources/{}", ids[3])).await;
    let mut stranger = Caller::example(Role::Admin);
    stranger.tenant = resource_api::domain::Tenant::parse("foreign").unwrap();
    let foreign = app.post("/api/resources", &json!({ "name": "n" })).caller(&stranger).await;
    let body = json!({ "name": "m" });
    let (mut batch, mut expected) = (Vec::new(), Vec::new());
    for (index, kind) in kinds.iter().enumerate() {
        let (operation, fault) = match *kind {
            "good" => (json!({ "op": "replace", "id": ids[0], "body": body }), None),
            "stale" => (
                json!({ "op": "delete", "id": ids[1], "if_match": "2" }),
                Some("if_match precondition_failed"),
            ),
            "patch" => (
                json!({ "op": "update", "id": ids[2], "body": { "name": null } }),
                Some("body/name required"),
            ),
            "deleted" => (json!({ "op": "update", "id": ids[3], "body": body }), Some("id not_found")),
            "missing" => (json!({ "op": "update", "id": NOWHERE, "body": body }), Some("id not_found")),
            "foreign" => {
                let id = &foreign.data(201)["id"];
                (json!({ "op": "update", "id": id, "body": body }), Some("id not_found"))
            }
            _ => (json!({ "op": "create", "body": {} }), Some("body/name required")),
        };
        batch.push(operation);
        expected.extend(fault.map(|fault| format!("/operations/{index}/{fault}")));
    }
    let response = app.post(PATH, &operations(&batch)).await;
    assert_eq!(response.faults(status, code), expected);
    assert_eq!(versions(&app, &ids[..3]).await, [1, 1, 1]);
    assert_eq!(app.get("/api/resources").await.data(200).as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn each_operation_asks_for_its_own_permission() {
    let app = App::start().await;
    let ids = created(&app, 2).await;
    let update = json!({ "op": "update", "id": ids[0], "body": { "name": "m" } });
    let delete = json!({ "op": "delete", "id": ids[1] });
    let missing = json!({ "op": "delete", "id": NOWHERE });
    let batch = operations(&[update.clone(), delete, missing]);
    let refused = app.post(PATH, &batch).role(Role::User).await;
    assert_eq!(
        refused.faults(403, "forbidden"),
        ["/operations/1/op forbidden", "/operations/2/op forbidden"]
    );
    assert_eq!(versions(&app, &ids).await, [1, 1]);
    app.post(PATH, &operations(&[update])).role(Role::User).await.data(200);
}

#[tokio::test]
async fn with_a_key_there_is_room_for_99() {
    let app = App::start().await;
    let create = json!({ "op": "create", "body": { "name": "n" } });
    let hundred = operations(&vec![create.clone(); 100]);
    let refused = app.post(PATH, &hundred).key("k").await;
    assert_eq!(refused.faults(400, "validation_failed"), ["/operations too_many"]);
    app.post(PATH, &operations(&vec![create; 99])).key("k").await.data(200);
    app.post(PATH, &hundred).await.data(200);
}

#[tokio::test]
async fn a_batch_of_100_with_one_bad_operation_anywhere_changes_nothing() {
    let app = App::start().await;
    let ids = created(&app, 100).await;
    let good = |id: &String| json!({ "op": "update", "id": id, "if_match": "1", "body": { "name": "m" } });
    let good: Vec<_> = ids.iter().map(good).collect();
    for bad in 0..100 {
        let mut batch = good.clone();
        batch[bad]["if_match"] = "2".into();
        let response = app.post(PATH, &operations(&batch)).await;
        let expected = format!("/operations/{bad}/if_match precondition_failed");
        assert_eq!(response.faults(412, "precondition_failed"), [expected]);
        assert_eq!(versions(&app, &ids).await, [1; 100]);
    }
    app.post(PATH, &operations(&good)).await.data(200);
    assert_eq!(versions(&app, &ids).await, [2; 100]);
}

#[tokio::test]
async fn more_than_a_transaction_or_a_response_allows_is_refused() {
    let app = App::start().await;
    let create = |size: usize| json!({ "op": "create", "body": { "name": "n", "attributes": { "a": "x".repeat(size) } } });
    // One resource over 400 KB; a body over 4 MiB; a response over 6 MB in transit, where each quote takes
    // two bytes.
    let quotes =
        json!({ "op": "create", "body": { "name": "n", "attributes": { "a": "\"".repeat(150_000) } } });
    for batch in [vec![create(420_000)], vec![create(390_000); 11], vec![quotes; 13]] {
        let response = app.post(PATH, &operations(&batch)).await;
        assert_eq!(response.faults(413, "content_too_large"), [" content_too_large"]);
    }
    // Small patches of large resources make a transaction over 4 MB.
    let mut ids = Vec::new();
    for _ in 0..11 {
        ids.push(app.created(create(385_000)["body"].clone()).await["id"].clone());
    }
    let patch = |id: &Value| json!({ "op": "update", "id": id, "body": { "name": "m" } });
    let patches: Vec<_> = ids.iter().map(patch).collect();
    let response = app.post(PATH, &operations(&patches)).await;
    assert_eq!(response.faults(413, "content_too_large"), [" content_too_large"]);
    let list = app.get("/api/resources?fields=name").await;
    assert_eq!(*list.data(200), json!(vec![json!({ "name": "n" }); 11]));
    app.post(PATH, &operations(&patches[..10])).await.data(200);
}
