//! Limits, buckets, the tokens that requests cost, and the calls that checks cost.

use std::time::Duration;

use futures_util::future::join_all;
use rstest::rstest;
use testing::{TestStore, local_config};

use super::*;
use crate::aws;
use crate::config::{Environment, RateLimitsConfig};
use crate::domain::{Block, BucketKey, Caller, RateLimit, RateLimitClass, Role, Spend, Timestamp};
use crate::repository::BucketRepository;
use crate::telemetry::usage;

mod blocks;
mod exactness;
mod failures;

/// The time at which tests begin, in microseconds.
const START: u64 = 1_800_000_000_000_000;

fn at(microseconds: u64) -> Timestamp {
    Timestamp::from_epoch(microseconds / 1_000_000, u32::try_from(microseconds % 1_000_000).unwrap() * 1_000)
}

fn config(read: &str, blocks: &str) -> RateLimitsConfig {
    let mut environment = Environment::new(|name| match name {
        "RATE_LIMIT_READ" => Some(read.to_owned()),
        "RATE_LIMIT_BLOCK" => Some(blocks.to_owned()),
        "RATE_LIMITS_TABLE" => Some("table".to_owned()),
        _ => None,
    });
    let config = RateLimitsConfig::read(&mut environment);
    environment.finish(config).unwrap()
}

/// An instance of the limiter that takes no blocks.
fn instance(store: &TestStore, read: &str) -> Limiter {
    instance_with(store, read, "off")
}

/// The same, with blocks `on` or `off`. The timeout is long, so that the load of the machine does not matter.
fn instance_with(store: &TestStore, read: &str, blocks: &str) -> Limiter {
    let table = store.table("RateLimitsTable");
    let buckets =
        BucketRepository::with_timeout(&aws::dynamodb_from(&store.config()), table, Duration::from_secs(30));
    Limiter::new(config(read, blocks), buckets)
}

fn user() -> Caller {
    Caller::example(Role::User)
}

/// Whether a request of one token is admitted.
async fn admits(limiter: &Limiter, now: Timestamp) -> bool {
    limiter.take(&user(), RateLimitClass::Read, 1, now).await.unwrap().retry_after_seconds.is_none()
}

#[rstest]
#[case("100:50", Some((100, 2)))]
#[case("1:1", Some((1, 1)))]
#[case("10:0.5", Some((10, 20)))]
#[case("10:3", Some((10, 4)))]
#[case("0:1", None)]
#[case("1:0", None)]
#[case("1:-1", None)]
#[case("1:NaN", None)]
#[case("1:inf", None)]
#[case("1.5:1", None)]
#[case("1", None)]
#[case("", None)]
#[case("1000000:0.000001", None)]
fn a_limit_is_a_capacity_and_a_rate(#[case] text: &str, #[case] capacity_and_window: Option<(u32, u64)>) {
    let limit = RateLimit::parse(text);
    assert_eq!(limit.map(|limit| (limit.capacity(), limit.refill_seconds())), capacity_and_window);
}

#[test]
fn limits_are_by_class_and_role() {
    let variables = [
        ("RATE_LIMIT_READ", "10:1"),
        ("RATE_LIMIT_READ_ADMIN", "off"),
        ("RATE_LIMIT_WRITE_USER", "2:1"),
        ("RATE_LIMITS_TABLE", "t"),
    ];
    let lookup =
        |name: &str| variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
    let config = RateLimitsConfig::read(&mut Environment::new(lookup));
    let capacity = |class, role| config.limit(class, role).map(RateLimit::capacity);
    assert_eq!(capacity(RateLimitClass::Read, Role::User), Some(10));
    assert_eq!(capacity(RateLimitClass::Read, Role::Admin), None);
    assert_eq!(capacity(RateLimitClass::Write, Role::User), Some(2));
    assert_eq!(capacity(RateLimitClass::Write, Role::Moderator), Some(40));

    let mut environment =
        Environment::new(|name| (name == "RATE_LIMIT_READ_USER").then(|| "fast".to_owned()));
    RateLimitsConfig::read(&mut environment);
    let error = environment.finish(()).unwrap_err().to_string();
    assert!(
        error.contains("RATE_LIMIT_READ_USER must be") && error.contains("RATE_LIMITS_TABLE is missing"),
        "{error}"
    );

    let off = |name: &str| name.starts_with("RATE_LIMIT_").then(|| "off".to_owned());
    let mut environment = Environment::new(off);
    RateLimitsConfig::read(&mut environment);
    assert!(environment.finish(()).is_ok(), "without limits no table is needed");
}

#[tokio::test]
async fn each_caller_tenant_and_class_has_a_bucket() {
    let store = TestStore::start().await.unwrap();
    let limiter = instance(&store, "1:1");
    let others = [
        user(),
        Caller { subject: "other".to_owned(), ..user() },
        Caller { tenant: crate::domain::Tenant::parse("other").unwrap(), ..user() },
    ];
    for caller in &others {
        for class in [RateLimitClass::Read, RateLimitClass::Write] {
            let first = limiter.take(caller, class, 1, at(START)).await.unwrap();
            assert_eq!(first.retry_after_seconds, None);
        }
    }
    assert!(!admits(&limiter, at(START)).await);
    let keys: std::collections::HashSet<_> =
        others.iter().map(|caller| BucketKey::new(caller, RateLimitClass::Read).to_string()).collect();
    assert_eq!(keys.len(), others.len());
    assert!(!keys.iter().any(|key| key.contains("user")), "{keys:?}");
}

#[tokio::test]
async fn a_batch_costs_its_size_and_one_over_the_capacity_the_capacity() {
    let store = TestStore::start().await.unwrap();
    let limiter = instance(&store, "10:1");
    let remaining = |cost, now| {
        let limiter = &limiter;
        async move {
            let decision = limiter.take(&user(), RateLimitClass::Read, cost, at(now)).await.unwrap();
            (decision.remaining, decision.retry_after_seconds)
        }
    };
    assert_eq!(remaining(4, START).await, (6, None));
    assert_eq!(remaining(7, START).await, (6, Some(1)));
    assert_eq!(remaining(99, START).await, (6, Some(4)));
    assert_eq!(remaining(99, START + 4_000_000).await, (0, None));
}

#[tokio::test]
async fn a_check_costs_what_it_must() {
    let store = TestStore::start().await.unwrap();
    let [one, other, new] = [(); 3].map(|()| instance(&store, "3:1"));
    let cost = |limiter, now| async move {
        let (admitted, usage) = usage::measured(Box::pin(admits(limiter, at(now)))).await;
        (admitted, usage.total_calls())
    };
    assert_eq!(cost(&one, START).await, (true, 1), "calm");
    assert_eq!(cost(&one, START).await, (true, 1), "busy, and known to be");
    assert_eq!(cost(&other, START).await, (true, 2), "busy, and not known to be");
    assert_eq!(cost(&other, START).await, (false, 0), "refused, and known to be");
    assert_eq!(cost(&one, START).await, (false, 1), "refused, and not known to be");
    assert_eq!(cost(&one, START).await, (false, 0), "refused, and known by now");
    assert_eq!(cost(&new, START).await, (false, 1), "refused by a new instance");
    assert_eq!(cost(&one, START + 1_000_000).await, (true, 1), "as soon as a token is back");
}

#[tokio::test]
async fn a_bucket_that_was_removed_is_full() {
    let store = TestStore::start().await.unwrap();
    let limiter = instance(&store, "2:1");
    assert!(admits(&limiter, at(START)).await);
    let key = BucketKey::new(&user(), RateLimitClass::Read);
    let key = aws_sdk_dynamodb::types::AttributeValue::S(key.to_string());
    let table = store.table("RateLimitsTable");
    store.client().delete_item().table_name(table).key("pk", key).send().await.unwrap();
    assert!(admits(&limiter, at(START)).await);
}
