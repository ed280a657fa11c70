//! An instance that dies between any two calls to DynamoDB leaves no partial change: the change is applied,
//! or not begun.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use functions::KINDS;
use resource_api::domain::Role;
use rstest::rstest;
use serde_json::{Value, json};
use testing::{Fault, dynamodb_proxy};

use super::{assert_unique_values_are_exact, created, customer, path};
use crate::app::{App, Call};

/// More calls than any of the changes makes.
const CALLS: usize = 4;

/// An instance of which only the first `passing` calls get a response. The next call reaches DynamoDB if
/// `heard`; later ones do not.
async fn dying(app: &App, passing: usize, heard: bool) -> App {
    let count = Arc::new(AtomicUsize::new(0));
    let fate = move |_: &str| match count.fetch_add(1, Ordering::Relaxed) {
        before if before < passing => Fault::Pass,
        before if before == passing && heard => Fault::LoseResponse,
        _ => Fault::LoseRequest,
    };
    let proxy = dynamodb_proxy(app.store.endpoint(), fate).await.unwrap();
    app.through(&proxy).await.with_time(Duration::from_secs(5))
}

/// The stored customers: for each, the status of a read and the email address.
async fn stored(app: &App, customers: &[&Value]) -> Vec<(String, Value)> {
    let mut stored = Vec::new();
    for customer in customers {
        let found = app.get(&path(customer)).await;
        stored.push((found.status.to_string(), found.body["data"]["email"].clone()));
    }
    stored
}

/// A change by its name. No customer has the address `free`.
fn change<'a>(app: &'a App, name: &str, ada: &Value, grace: &Value, free: &str) -> Call<'a> {
    let at = path(ada);
    let call = match name {
        "create" => app.post("/api/customers", &customer(free)),
        "patch" => app.patch(&at, &json!({ "email": free })),
        "put" => app.put(&at, &customer(free)),
        "delete" => app.delete(&at),
        "restore" => app.post(&format!("{at}/restore"), &Value::Null),
        "purge" => app.delete(&format!("{at}?purge=true")),
        _ => {
            let operations = json!({ "operations": [
                { "op": "create", "body": customer(ada["email"].as_str().unwrap()) },
                { "op": "update", "id": ada["id"], "body": { "email": free } },
                { "op": "delete", "id": grace["id"] },
            ] });
            app.post("/api/customers/batch", &operations)
        }
    };
    call.role(Role::Admin)
}

#[rstest]
#[tokio::test]
async fn a_death_leaves_nothing_half(
    #[values("create", "patch", "put", "delete", "restore", "purge", "batch")] name: &str,
    #[values(false, true)] with_key: bool,
) {
    let app = App::start().await;
    let (mut done, mut not_done) = (0, 0);
    for passing in 0..CALLS {
        for heard in [false, true] {
            let number = format!("{passing}-{heard}");
            let ada = created(&app, &format!("ada-{number}@example.com")).await;
            let grace = created(&app, &format!("grace-{number}@example.com")).await;
            if name == "restore" {
                assert_eq!(app.delete(&path(&ada)).await.status, 204);
            }
            let free = format!("free-{number}@example.com");
            let before = stored(&app, &[&ada, &grace]).await;
            let call = change(&app, name, &ada, &grace, &free);
            let dying = dying(&app, passing, heard).await;
            let of_dying = change(&dying, name, &ada, &grace, &free);
            let answer = if with_key { of_dying.key(&number).await } else { of_dying.await };
            assert!([200, 201, 204, 503].contains(&answer.status), "{answer:#?}");
            assert_unique_values_are_exact(&app.store, KINDS).await;
            let after = stored(&app, &[&ada, &grace]).await;
            let taken = app.post("/api/customers", &customer(&free)).await;
            let is_done = match name {
                "create" => taken.status == 409,
                _ => after != before,
            };
            if taken.status == 201 {
                assert_eq!(
                    app.delete(&format!("{}?purge=true", path(taken.data(201))))
                        .role(Role::Admin)
                        .await
                        .status,
                    204
                );
            }
            assert!(is_done || answer.status == 503, "{number}: {answer:#?}");
            if is_done {
                done += 1;
            } else {
                not_done += 1;
            }
            // Repeated with the same key, it is applied exactly once.
            if with_key {
                let again = call.key(&number).await;
                assert!([200, 201, 204].contains(&again.status), "{number}: {again:#?}");
                assert_eq!(again.header("idempotent-replayed").is_some(), is_done, "{number}: {again:#?}");
                assert_unique_values_are_exact(&app.store, KINDS).await;
            }
        }
    }
    assert!(done > 0 && not_done > 0, "{done} and {not_done}");
}
