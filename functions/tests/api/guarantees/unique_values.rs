//! Unique values: claimed, moved, released and claimed again, together with their resource.

use functions::KINDS;
use futures_util::future::join_all;
use resource_api::domain::{Caller, Role, Tenant, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};

use super::{SEATS_ONLY, assert_unique_values_are_exact, created, customer, items, path};
use crate::app::App;
use crate::logs::Log;

const TAKEN: &[&str] = &["/email already_exists"];

#[tokio::test]
async fn a_value_that_is_taken_is_refused_whatever_is_written() {
    let app = App::start().await;
    let ada = created(&app, "ada@example.com").await;
    let grace = created(&app, "grace@example.com").await;
    for key in [None, Some("k")] {
        // Texts are compared in their folded form.
        let call = app.post("/api/customers", &customer("ADA@example.com"));
        let create = if let Some(key) = key { call.key(key).await } else { call.await };
        assert_eq!(create.faults(409, "already_exists"), TAKEN);
    }
    let patch = app.patch(&path(&grace), &json!({ "email": "ada@EXAMPLE.com" })).await;
    assert_eq!(patch.faults(409, "already_exists"), TAKEN);
    assert_eq!(patch.body["details"][0]["message"], "Another resource has the same email");
    let put = app.put(&path(&grace), &customer("ada@example.com")).await;
    assert_eq!(put.faults(409, "already_exists"), TAKEN);
    let batch = json!({ "operations": [
        { "op": "create", "body": customer("new@example.com") },
        { "op": "update", "id": grace["id"], "body": { "email": "ada@example.com" } },
        { "op": "create", "body": customer("new@example.com") },
    ] });
    // If two operations claim the same value, the second one fails.
    let refused = app.post("/api/customers/batch", &batch).await;
    let taken = ["/operations/1/body/email already_exists", "/operations/2/body/email already_exists"];
    assert_eq!(refused.faults(409, "already_exists"), taken);
    let batch = json!({ "operations": [
        { "op": "create", "body": customer("new@example.com") },
        { "op": "update", "id": grace["id"], "body": { "email": "ada@example.com" } },
        { "op": "create", "body": customer("Grace@example.com") },
    ] });
    for key in [None, Some("b")] {
        let call = app.post("/api/customers/batch", &batch);
        let refused = if let Some(key) = key { call.key(key).await } else { call.await };
        // Grace's value would be released by the batch, so it can be claimed.
        assert_eq!(refused.faults(409, "already_exists"), ["/operations/1/body/email already_exists"]);
    }
    assert_eq!(*app.get(&path(&grace)).await.data(200), grace);
    assert_eq!(*app.get(&path(&ada)).await.data(200), ada);
    assert_unique_values_are_exact(&app.store, KINDS).await;
}

#[tokio::test]
async fn a_value_is_given_up_with_its_resource_and_taken_again() {
    let app = App::start().await;
    let ada = created(&app, "ada@example.com").await;
    // A value that a change released can be claimed by another resource, and later claimed back.
    app.patch(&path(&ada), &json!({ "email": "lovelace@example.com" })).await.data(200);
    let second = created(&app, "ada@example.com").await;
    let back = app.patch(&path(&ada), &json!({ "email": "ada@example.com" })).await;
    assert_eq!(back.faults(409, "already_exists"), TAKEN);
    assert_eq!(app.delete(&path(&second)).await.status, 204);
    app.patch(&path(&ada), &json!({ "email": "ada@example.com" })).await.data(200);
    // The deleted customer cannot be restored until its value is released.
    let restore = format!("{}/restore", path(&second));
    assert_eq!(app.post(&restore, &Value::Null).await.faults(409, "already_exists"), TAKEN);
    assert_eq!(app.post(&restore, &Value::Null).key("r").await.faults(409, "already_exists"), TAKEN);
    let purge = format!("{}?purge=true", path(&ada));
    assert_eq!(app.delete(&purge).role(Role::Admin).await.status, 204);
    app.post(&restore, &Value::Null).key("r").await.data(200);
    let again = app.post("/api/customers", &customer("ada@example.com")).await;
    assert_eq!(again.faults(409, "already_exists"), TAKEN);
    assert_unique_values_are_exact(&app.store, KINDS).await;
    // A purge of a deleted resource releases nothing, because the deletion has.
    assert_eq!(app.delete(&path(&second)).await.status, 204);
    let third = created(&app, "ada@example.com").await;
    let purge = format!("{}?purge=true", path(&second));
    assert_eq!(app.delete(&purge).role(Role::Admin).await.status, 204);
    assert_eq!(*app.get(&path(&third)).await.data(200), third);
    assert_unique_values_are_exact(&app.store, KINDS).await;
}

/// Values of different tenants and kinds are independent.
#[tokio::test]
async fn tenants_do_not_meet() {
    let app = App::start().await;
    created(&app, "ada@example.com").await;
    let other = Caller { tenant: Tenant::parse("other").unwrap(), ..Caller::example(Role::User) };
    app.post("/api/customers", &customer("ada@example.com")).caller(&other).await.data(201);
    assert_unique_values_are_exact(&app.store, KINDS).await;
}

/// The expiry of a deleted resource releases nothing, because the deletion has.
#[tokio::test]
async fn an_expiry_takes_nothing_away_from_others() {
    let app = App::followed().await;
    let ada = created(&app, "ada@example.com").await;
    assert_eq!(app.delete(&path(&ada)).await.status, 204);
    let second = created(&app, "ada@example.com").await;
    // The same call as TTL makes.
    let key = format!("default#customers#{}", ada["id"].as_str().unwrap());
    let delete = app.store.client().delete_item().table_name(app.store.table("ResourcesTable"));
    let key = resource_api::repository::sdk::types::AttributeValue::S(key);
    delete.key("pk", key).send().await.unwrap();
    app.follow().await;
    let again = app.post("/api/customers", &customer("ada@example.com")).await;
    assert_eq!(again.faults(409, "already_exists"), TAKEN);
    assert_eq!(*app.get(&path(&second)).await.data(200), second);
    assert_unique_values_are_exact(&app.store, KINDS).await;
}

/// After its retention a resource cannot be restored, whether TTL has removed it or not, and claims nothing.
#[tokio::test]
async fn what_is_past_its_time_takes_nothing() {
    let app = App::start().await;
    let ada = created(&app, "ada@example.com").await;
    assert_eq!(app.delete(&path(&ada)).await.status, 204);
    let id = resource_api::domain::ResourceId::parse(ada["id"].as_str().unwrap()).unwrap();
    let restore = resource_api::domain::Operation::Change {
        id,
        expected: resource_api::domain::ExpectedVersion::Any,
        change: resource_api::domain::Change::Restore,
    };
    let (seconds, _) = Timestamp::now().since_epoch();
    let later = Timestamp::from_epoch(seconds + 31 * 24 * 60 * 60, 0);
    let moderator = Caller::example(Role::Moderator);
    let restored = app.changes().execute(&moderator, &kinds::shop::CUSTOMERS, &restore, later).await;
    assert!(matches!(restored, Err(resource_api::Error::NotFound)), "{restored:?}");
    assert!(items(&app.store, "UniqueValuesTable").await.is_empty());
}

#[rstest]
#[case::same(json!({ "hall": "Aula", "number": 1 }), &["/hall already_exists", "/number already_exists"])]
#[case::folded(json!({ "hall": "AULA", "number": 1 }), &["/hall already_exists", "/number already_exists"])]
#[case::another_spelling(json!({ "hall": "aula", "number": 1.0 }), &["/hall already_exists", "/number already_exists"])]
#[case::another_number(json!({ "hall": "Aula", "number": 2 }), &[])]
#[case::another_hall(json!({ "hall": "Aula 1", "number": 1 }), &[])]
#[case::null_in_it(json!({ "hall": "Aula" }), &[])]
#[case::both(
    json!({ "hall": "Aula", "number": 1, "code": "x" }),
    &["/hall already_exists", "/number already_exists", "/code already_exists"]
)]
#[case::alone(json!({ "hall": "b", "number": 3, "code": "X" }), &["/code already_exists"])]
#[tokio::test]
async fn values_that_are_unique_together(#[case] body: Value, #[case] faults: &[&str]) {
    let app = App::of(SEATS_ONLY).await;
    app.post("/api/seats", &json!({ "hall": "Aula", "number": 1, "code": "x" })).await.data(201);
    // Null claims no value.
    for _ in 0..2 {
        app.post("/api/seats", &json!({ "hall": "Aula" })).await.data(201);
    }
    let response = app.post("/api/seats", &body).await;
    if faults.is_empty() {
        response.data(201);
    } else {
        assert_eq!(response.faults(409, "already_exists"), faults);
    }
    assert_unique_values_are_exact(&app.store, SEATS_ONLY).await;
}

/// Texts that are equal in the part that fits into an index key, but differ after it.
#[tokio::test]
async fn long_values_are_compared_to_their_end() {
    let app = App::of(SEATS_ONLY).await;
    let code = |end: &str| json!({ "hall": "h", "code": format!("{}{end}", "x".repeat(1500)) });
    app.post("/api/seats", &code("a")).await.data(201);
    app.post("/api/seats", &code("b")).await.data(201);
    assert_eq!(
        app.post("/api/seats", &code("A")).await.faults(409, "already_exists"),
        ["/code already_exists"]
    );
}

#[tokio::test]
async fn a_batch_may_pass_values_round() {
    let app = App::start().await;
    let mut customers = Vec::new();
    for name in ["a", "b", "c"] {
        customers.push(created(&app, &format!("{name}@example.com")).await);
    }
    let update = |at: usize, email: &str| json!({ "op": "update", "id": customers[at]["id"], "body": { "email": email } });
    let round = json!({ "operations": [
        update(0, "b@example.com"), update(1, "c@example.com"), update(2, "a@example.com"),
    ] });
    app.post("/api/customers/batch", &round).key("k").await.data(200);
    assert_unique_values_are_exact(&app.store, KINDS).await;
    // In one batch, a deletion releases the value that a creation claims.
    let instead = json!({ "operations": [
        { "op": "create", "body": customer("B@example.com") }, { "op": "delete", "id": customers[0]["id"] },
    ] });
    app.post("/api/customers/batch", &instead).await.data(200);
    assert_unique_values_are_exact(&app.store, KINDS).await;
    let third = app.get(&path(&customers[2])).await;
    assert_eq!(third.data(200)["email"], "a@example.com");
}

/// The actions of a transaction are counted before it is sent: a resource and its value are two.
#[rstest]
#[case::fits(50, None, true)]
#[case::one_too_many(51, None, false)]
#[case::with_a_key(49, Some("k"), true)]
#[case::one_too_many_with_a_key(50, Some("k"), false)]
#[tokio::test]
async fn a_batch_has_as_many_operations_as_fit(
    #[case] count: usize,
    #[case] key: Option<&str>,
    #[case] fits: bool,
) {
    let app = App::start().await;
    let create = |at: usize| json!({ "op": "create", "body": customer(&format!("{at}@example.com")) });
    let batch = json!({ "operations": (0..count).map(create).collect::<Vec<_>>() });
    let call = app.post("/api/customers/batch", &batch);
    let log = Log::start();
    let response = if let Some(key) = key { call.key(key).await } else { call.await };
    if fits {
        assert_eq!(response.data(200).as_array().unwrap().len(), count);
    } else {
        let details = response.problem(413, "content_too_large");
        let message = details[0]["message"].as_str().unwrap();
        let actions = 2 * count + usize::from(key.is_some());
        assert!(message.starts_with(&format!("This request needs {actions} actions")), "{message}");
        let asked = log.lines().pop().unwrap()["dynamodb_operations"].as_str().unwrap().to_owned();
        // The stored response is read nonetheless, because this request may have been executed before.
        assert_eq!(asked, if key.is_some() { "GetItem:1" } else { "" });
    }
    assert_unique_values_are_exact(&app.store, KINDS).await;
}

/// Callers that lose a race get a 409, and not a 503 to retry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_losers_of_a_race_get_a_409() {
    let app = App::start().await;
    for round in 0..5 {
        let body = customer(&format!("{round}@example.com"));
        let key = |number: usize| format!("{round}-{number}");
        let race = (0..16).map(async |number| {
            let call = app.post("/api/customers", &body);
            if number % 2 == 0 { call.await } else { call.key(&key(number)).await }
        });
        let answers = join_all(race).await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(won, 1);
        for lost in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(lost.faults(409, "already_exists"), TAKEN);
        }
    }
    assert_unique_values_are_exact(&app.store, KINDS).await;
}

/// A replay succeeds although the value is held: its own resource holds it.
#[tokio::test]
async fn a_replay_does_not_meet_its_own_value() {
    let app = App::start().await;
    let body = customer("ada@example.com");
    let first = app.post("/api/customers", &body).key("k").await;
    let again = app.post("/api/customers", &body).key("k").await;
    assert_eq!((again.data(201), again.header("idempotent-replayed")), (first.data(201), Some("true")));
    // A refused request is not stored, and is executed when it can be.
    let grace = customer("grace@example.com");
    let other = created(&app, "grace@example.com").await;
    app.post("/api/customers", &grace).key("l").await.problem(409, "already_exists");
    assert_eq!(app.delete(&path(&other)).await.status, 204);
    app.post("/api/customers", &grace).key("l").await.data(201);
    assert_unique_values_are_exact(&app.store, KINDS).await;
}
