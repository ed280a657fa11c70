use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput};
use aws_sdk_dynamodb::types::CancellationReason;
use aws_sdk_dynamodb::types::error::{ConditionalCheckFailedException, TransactionCanceledException};
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use rstest::rstest;
use serde_json::json;
use testing::TestStore;

use super::WriteService;
use crate::cache::Cache;
use crate::domain::tests::{ARTICLES, KINDS, article};
use crate::domain::{
    Caller, Change, ExpectedVersion, Operation, Resource, ResourceId, Retention, Role, Shards, Tenant,
    Timestamp,
};
use crate::idempotency::{IdempotentRequest, StoredResponse};
use crate::repository::tests::resources;
use crate::repository::{IdempotencyRepository, ResourceRepository, UniqueValueRepository, sdk};
use crate::{Error, deadline};

fn service(client: &sdk::Client) -> WriteService {
    let resources = ResourceRepository::new(client.clone(), "resources", Shards::default());
    WriteService::over(
        resources,
        UniqueValueRepository::new(client.clone(), "values"),
        IdempotencyRepository::new(client.clone(), "answers"),
        Cache::default(),
        Retention::default(),
        KINDS,
    )
}

fn create() -> Operation {
    Operation::Create(article(json!({ "name": "n" })).unwrap())
}

#[expect(clippy::unnecessary_wraps, reason = "what the service asks for")]
fn created(_: Option<&Resource>) -> Result<StoredResponse, Error> {
    Ok(StoredResponse { status: 201, etag: None, location: None, body: None })
}

/// A deadline in this many milliseconds, and half a second more for the response.
fn soon(milliseconds: u64) -> u64 {
    Timestamp::now().as_microseconds() / 1000 + 500 + milliseconds
}

fn cancelled(code: &str) -> TransactWriteItemsError {
    let reason = CancellationReason::builder().code(code).build();
    let none = CancellationReason::builder().code("None").build();
    let error = TransactionCanceledException::builder().set_cancellation_reasons(Some(vec![reason, none]));
    TransactWriteItemsError::TransactionCanceledException(error.build())
}

#[tokio::test]
async fn a_conflict_of_transactions_is_tried_again() {
    let rule = mock!(sdk::Client::transact_write_items)
        .sequence()
        .error(|| cancelled("TransactionConflict"))
        .times(5)
        .output(|| TransactWriteItemsOutput::builder().build())
        .build();
    let client = mock_client!(sdk, RuleMode::Sequential, [&rule]);
    let user = Caller::example(Role::User);
    let idempotent = IdempotentRequest::new(&user, "k", "POST", "/", None);
    service(&client)
        .execute_idempotent(&user, &ARTICLES, &create(), Timestamp::now(), &idempotent, created)
        .await
        .unwrap();
    assert_eq!(rule.num_calls(), 6);
}

#[rstest]
#[case::conflicts("TransactionConflict")]
#[case::other_changes("ConditionalCheckFailed")]
#[tokio::test]
async fn what_comes_too_late_again_and_again_ends_in_time(#[case] code: &'static str) {
    let rule = mock!(sdk::Client::transact_write_items).then_error(move || cancelled(code));
    let client = mock_client!(sdk, RuleMode::MatchAny, [&rule]);
    let user = Caller::example(Role::User);
    let idempotent = IdempotentRequest::new(&user, "k", "POST", "/", None);
    let (service, create) = (service(&client), create());
    let started = std::time::Instant::now();
    let done = service.execute_idempotent(&user, &ARTICLES, &create, Timestamp::now(), &idempotent, created);
    let done = deadline::within(soon(500), Box::pin(done)).await;
    assert!(matches!(done, Err(Error::WriteConflict)), "{done:?}");
    assert!(started.elapsed().as_millis() < 2000, "{:?}", started.elapsed());
    assert!((2..40).contains(&rule.num_calls()), "{} calls", rule.num_calls());
}

#[tokio::test]
async fn a_throttled_transaction_is_unavailable() {
    let rule = mock!(sdk::Client::transact_write_items).then_error(|| cancelled("ThrottlingError"));
    let client = mock_client!(sdk, RuleMode::MatchAny, [&rule]);
    let user = Caller::example(Role::User);
    let idempotent = IdempotentRequest::new(&user, "k", "POST", "/", None);
    let done = service(&client)
        .execute_idempotent(&user, &ARTICLES, &create(), Timestamp::now(), &idempotent, created)
        .await;
    assert!(matches!(done, Err(Error::Unavailable(_))), "{done:?}");
}

/// A patch that always conflicts with another change fails after 40 retries, with an error that allows a
/// retry.
#[tokio::test]
async fn a_patch_that_always_loses_its_race_is_given_up() {
    let store = TestStore::start().await.unwrap();
    let user = Caller::example(Role::User);
    let resource = Resource::new(article(json!({ "name": "n" })).unwrap(), &user, Timestamp::now());
    resources(&store, Shards::default()).store(&Tenant::default(), &resource).await.unwrap();
    let found = store
        .client()
        .get_item()
        .table_name(store.table("ResourcesTable"))
        .key("pk", sdk::types::AttributeValue::S(format!("default#articles#{}", resource.id)))
        .send()
        .await
        .unwrap();
    let get = mock!(sdk::Client::get_item).then_output(move || found.clone());
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&attempts);
    let put = mock!(sdk::Client::put_item).then_error(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        PutItemError::ConditionalCheckFailedException(ConditionalCheckFailedException::builder().build())
    });
    let client = mock_client!(sdk, RuleMode::MatchAny, [&get, &put]);
    let patch = |id: ResourceId| Operation::Change {
        id,
        expected: ExpectedVersion::Any,
        change: Change::Update(json!({ "name": "m" }).into()),
    };
    let (service, patch) = (service(&client), patch(resource.id));
    let done = service.execute(&user, &ARTICLES, &patch, Timestamp::now());
    let done = deadline::within(soon(60_000), Box::pin(done)).await;
    assert!(matches!(done, Err(Error::WriteConflict)), "{done:?}");
    assert_eq!(attempts.load(Ordering::Relaxed), 41);
}
