//! A limiter while DynamoDB fails, throttles or does not respond.

use std::time::Instant;

use aws_sdk_dynamodb::error::ErrorMetadata;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use tokio::net::TcpListener;

use super::*;
use crate::aws;
use crate::repository::sdk;

/// An endpoint that accepts connections and never responds.
async fn hanging() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok(connection) = listener.accept().await {
            open.push(connection);
        }
    });
    endpoint
}

#[rstest]
#[case::missing(false)]
#[case::hanging(true)]
#[tokio::test]
async fn without_its_store_a_limiter_still_limits(#[case] hangs: bool) {
    let store = TestStore::start().await.unwrap();
    let client = if hangs {
        aws::dynamodb_from(&local_config(&hanging().await))
    } else {
        aws::dynamodb_from(&store.config())
    };
    let limiter =
        Limiter::new(config("5:0.001", "on"), BucketRepository::new(&client, "there-is-no-such-table"));
    let mut admitted = 0;
    for _ in 0..8 {
        let started = Instant::now();
        admitted += u32::from(admits(&limiter, Timestamp::now()).await);
        assert!(started.elapsed() < Duration::from_secs(2), "a limit that takes {:?}", started.elapsed());
    }
    assert_eq!(admitted, 5);
}

/// A limiter whose updates all fail with this error.
fn failing(code: &'static str, message: &'static str) -> Limiter {
    let error = move || ErrorMetadata::builder().code(code).message(message).build();
    let rule = mock!(sdk::Client::update_item).then_error(move || UpdateItemError::generic(error()));
    let client = mock_client!(sdk, RuleMode::MatchAny, [&rule]);
    Limiter::new(config("2:0.001", "on"), BucketRepository::new(&client, "t"))
}

#[tokio::test]
async fn a_store_that_throttles_everybody_is_one_that_does_not_answer() {
    let limiter =
        failing("ThrottlingException", "Throughput exceeds the current capacity of your table or index");
    let mut admitted = Vec::new();
    for _ in 0..3 {
        admitted.push(admits(&limiter, Timestamp::now()).await);
    }
    assert_eq!(admitted, [true, true, false]);
}

#[tokio::test]
async fn a_store_that_throttles_this_bucket_is_a_reason_to_refuse() {
    let limiter =
        failing("ThrottlingException", "TableWriteKeyRangeThroughputExceeded: too many for one key");
    let decision = limiter.take(&user(), RateLimitClass::Read, 1, Timestamp::now()).await.unwrap();
    assert_eq!(decision.retry_after_seconds, Some(1));
}
