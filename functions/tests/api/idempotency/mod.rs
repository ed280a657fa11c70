//! `Idempotency-Key`: one change and one response, however often a request is sent.

mod lost_responses;

use std::collections::BTreeSet;

use kinds::RESOURCES;
use resource_api::domain::{
    Caller, Change, ExpectedVersion, Operation, Resource, ResourceId, Role, Tenant, Timestamp, Values,
};
use resource_api::idempotency::{IdempotentRequest, RESPONSE_TTL, StoredResponse};
use resource_api::service::Execution;
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, Call, NOWHERE, Response};

const PATH: &str = "/api/resources";

/// The parts of a response that a replay must repeat.
fn essence(response: &Response) -> (i64, String, Option<String>, Option<String>) {
    let field = |name| response.header(name).map(str::to_owned);
    (response.status, response.text.clone(), field("etag"), field("location"))
}

/// Sends a request twice, and checks that the second response equals the first.
async fn twice<'a>(call: impl Fn() -> Call<'a>) -> Response {
    let first = call().await;
    assert_eq!(first.header("idempotent-replayed"), None, "{first:#?}");
    let second = call().await;
    assert_eq!(second.header("idempotent-replayed"), Some("true"), "{second:#?}");
    assert_eq!(essence(&first), essence(&second));
    second
}

fn names(list: &Response) -> Vec<&str> {
    list.data(200).as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_change_is_made_once_and_answered_alike() {
    let app = App::start().await;
    let created = twice(|| app.post(PATH, &json!({ "name": "n" })).key("create")).await;
    let id = created.data(201)["id"].as_str().unwrap().to_owned();
    let path = format!("{PATH}/{id}");
    assert_eq!(created.header("location"), Some(&*path));
    twice(|| app.put(&path, &json!({ "name": "m" })).key("replace")).await.data(200);
    // A change without an effect has a stored response, too.
    twice(|| app.put(&path, &json!({ "name": "m" })).key("replace-again")).await.data(200);
    let patched = twice(|| app.patch(&path, &json!({ "status": "draft" })).key("update")).await;
    assert_eq!((patched.data(200)["version"].as_i64(), patched.header("etag")), (Some(3), Some("\"3\"")));
    assert_eq!(twice(|| app.delete(&path).key("delete")).await.status, 204);
    let restored = twice(|| app.post(&format!("{path}/restore"), &json!(null)).key("restore")).await;
    assert_eq!(restored.data(200)["version"], 5);
    let batch = json!({ "operations": [
        { "op": "create", "body": { "name": "o" } },
        { "op": "update", "id": id, "if_match": "5", "body": { "name": "p" } },
    ] });
    twice(|| app.post(&format!("{PATH}/batch"), &batch).key("batch")).await.data(200);
    // The stored response is returned, even if the resource has changed since.
    let again = app.put(&path, &json!({ "name": "m" })).key("replace").await;
    assert_eq!((again.data(200)["version"].as_i64(), again.header("etag")), (Some(2), Some("\"2\"")));
    let purge = format!("{path}?purge=true");
    assert_eq!(twice(|| app.delete(&purge).role(Role::Admin).key("purge")).await.status, 204);
    let again = app.patch(&path, &json!({ "status": "draft" })).key("update").await;
    assert_eq!(again.data(200)["version"], 3);
    assert_eq!(names(&app.get(PATH).await), ["o"]);
}

#[tokio::test]
async fn a_stale_if_match_is_no_obstacle_to_the_answer_that_was_given() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("{PATH}/{}", created["id"].as_str().unwrap());
    let body = json!({ "name": "m" });
    twice(|| app.patch(&path, &body).header("if-match", "\"1\"").key("k")).await.data(200);
    // A refusal is not stored: the request can be repeated, and succeeds when its precondition holds.
    let put = |tag: &str| app.put(&path, &json!({ "name": "o" })).header("if-match", tag).key("l");
    put("\"1\"").await.problem(412, "precondition_failed");
    put("\"2\"").await.data(200);
}

#[rstest]
#[case::another_body("POST", PATH, json!({ "name": "m" }))]
#[case::another_type(  "POST", PATH, json!({ "name": "n", "attributes": { "a": "1" } }))]
#[case::another_order_of_an_array("POST", PATH, json!({ "name": "n", "attributes": { "a": 1, "b": [2, 1] } }))]
#[case::another_path("PUT", "/api/resources/ID", json!({ "name": "n", "attributes": { "a": 1, "b": [1, 2] } }))]
#[case::nowhere("PUT", &format!("/api/resources/{NOWHERE}"), json!({ "name": "n" }))]
#[case::another_method("PATCH", "/api/resources/ID", json!({ "name": "n" }))]
#[case::a_deletion("DELETE", "/api/resources/ID", json!(null))]
#[case::a_batch("POST", "/api/resources/batch", json!({ "operations": [{ "op": "create", "body": { "name": "n" } }] }))]
#[tokio::test]
async fn a_key_stands_for_one_request(#[case] method: &str, #[case] path: &str, #[case] body: Value) {
    let app = App::start().await;
    let first = json!({ "name": "n", "attributes": { "a": 1, "b": [1, 2] } });
    let created = app.post(PATH, &first).key("k").await.data(201).clone();
    let path = path.replace("ID", created["id"].as_str().unwrap());
    let other = app.call(method, &path).json(&body).key("k").await;
    assert_eq!(other.faults(422, "idempotency_key_reused"), ["Idempotency-Key idempotency_key_reused"]);
    assert_eq!(
        *app.get(PATH).await.data(200).as_array().unwrap()[0]["version"].as_i64().as_ref().unwrap(),
        1
    );
    // Two bodies with the same meaning are the same request.
    let spelled = "{\"attributes\": {\"b\": [1.0, 2e0],\n\"a\": 1.00}, \"name\": \"\\u006e\"}";
    let same =
        app.call("POST", PATH).header("content-type", "application/json").text(spelled).key("\"k\"").await;
    assert_eq!((same.data(201), same.header("idempotent-replayed")), (&created, Some("true")));
}

#[tokio::test]
async fn a_deletion_and_a_purge_are_two_requests() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("{PATH}/{}", created["id"].as_str().unwrap());
    assert_eq!(app.delete(&path).role(Role::Admin).key("k").await.status, 204);
    let purge = app.delete(&format!("{path}?purge=true")).role(Role::Admin).key("k").await;
    purge.problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn keys_of_other_callers_and_tenants_are_other_keys() {
    let app = App::start().await;
    let of = |tenant: &str, subject: &str| Caller {
        tenant: Tenant::parse(tenant).unwrap(),
        subject: subject.to_owned(),
        role: Role::User,
    };
    let callers = [of("a", "x"), of("b", "x"), of("a", "xk"), of("a", "y")];
    let mut ids = BTreeSet::new();
    for (number, caller) in callers.iter().enumerate() {
        // Here, subject and key concatenate to the same text as another caller's.
        let key = if caller.subject == "xk" { "ey" } else { "key" };
        let body = json!({ "name": format!("{number}") });
        let response = app.post(PATH, &body).caller(caller).key(key).await;
        ids.insert(response.data(201)["id"].to_string());
        assert_eq!(response.header("idempotent-replayed"), None);
    }
    assert_eq!(ids.len(), 4);
}

#[rstest]
#[case::empty("")]
#[case::empty_string("\"\"")]
#[case::space("a b")]
#[case::too_long(&"x".repeat(256))]
#[case::not_ascii("é")]
#[case::unclosed("\"abc")]
#[case::unescaped("\"a\"b\"")]
#[case::escaped_letter("\"a\\b\"")]
#[tokio::test]
async fn a_malformed_key_is_named(#[case] key: &str) {
    let app = App::start().await;
    let id = app.created(json!({ "name": "n" })).await["id"].as_str().unwrap().to_owned();
    let path = format!("{PATH}/{id}");
    for call in [
        app.post(PATH, &json!({ "name": "n" })),
        app.put(&path, &json!({ "name": "n" })),
        app.patch(&path, &json!({ "name": "n" })),
        app.delete(&path),
        app.post(&format!("{path}/restore"), &json!(null)),
        app.post(&format!("{PATH}/batch"), &json!({ "operations": [{ "op": "delete", "id": id }] })),
    ] {
        let faults = call.key(key).await.faults(400, "invalid_header");
        assert_eq!(faults, ["Idempotency-Key invalid_value"]);
    }
    app.get(&path).await.data(200);
}

#[rstest]
#[case::longest(&"x".repeat(255), &"x".repeat(255))]
#[case::quoted("\"a\\\"b\\\\c\"", "a\"b\\c")]
#[tokio::test]
async fn a_key_may_be_quoted(#[case] key: &str, #[case] same: &str) {
    let app = App::start().await;
    let first = app.post(PATH, &json!({ "name": "n" })).key(key).await;
    let second = app.post(PATH, &json!({ "name": "n" })).key(same).await;
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.data(201), second.data(201));
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let app = App::start().await;
    let user = Caller::example(Role::User);
    let operation = Operation::Create(Values::from_json(&RESOURCES, json!({ "name": "n" })).unwrap());
    let idempotent = IdempotentRequest::new(&user, "k", "POST", PATH, None);
    let answer = |resource: Option<&Resource>| {
        let body = Some(resource.unwrap().id.to_string());
        Ok(StoredResponse { status: 201, etag: None, location: None, body })
    };
    let start = Timestamp::from_epoch(1_790_000_000, 0);
    let at = |seconds: u64| Timestamp::from_epoch(1_790_000_000 + seconds, 0);
    let send = async |now| {
        app.changes()
            .execute_idempotent(&user, &RESOURCES, &operation, now, &idempotent, answer)
            .await
            .unwrap()
    };
    let Execution::Performed(first) = send(start).await else { panic!("answered before") };
    assert_eq!(send(at(RESPONSE_TTL - 1)).await, Execution::Replayed(first.clone()));
    // DynamoDB may take days to remove an expired item, so it is ignored.
    let Execution::Performed(second) = send(at(RESPONSE_TTL)).await else { panic!("answered after a day") };
    assert_ne!(first, second);
    assert_eq!(send(at(RESPONSE_TTL + 1)).await, Execution::Replayed(second));
    // An expired response is also ignored if the change itself is refused.
    let id = ResourceId::parse(first.body.as_deref().unwrap()).unwrap();
    let delete = Operation::Change { id, expected: ExpectedVersion::Any, change: Change::Delete };
    let moderator = Caller::example(Role::Moderator);
    let idempotent = IdempotentRequest::new(&moderator, "d", "DELETE", PATH, None);
    let gone =
        |_: Option<&Resource>| Ok(StoredResponse { status: 204, etag: None, location: None, body: None });
    let send = async |now| {
        app.changes().execute_idempotent(&moderator, &RESOURCES, &delete, now, &idempotent, gone).await
    };
    assert!(matches!(send(at(0)).await, Ok(Execution::Performed(_))));
    assert!(matches!(send(at(1)).await, Ok(Execution::Replayed(_))));
    assert!(matches!(send(at(RESPONSE_TTL)).await, Err(resource_api::Error::NotFound)));
}

#[tokio::test]
async fn an_answer_that_is_too_large_to_keep_changes_nothing() {
    let app = App::start().await;
    // Each quote is one byte in the table, and two in a response.
    let body = json!({ "name": "n", "attributes": { "text": "\"".repeat(250_000) } });
    let refused = app.post(PATH, &body).key("k").await;
    assert_eq!(refused.faults(413, "content_too_large"), [" content_too_large"]);
    assert_eq!(*app.get(PATH).await.data(200), json!([]));
    app.post(PATH, &body).await.data(201);
}
