use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::error::ErrorMetadata;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use futures_util::future::join_all;
use proptest::prelude::*;
use rstest::rstest;
use tokio::net::TcpListener;

use super::*;
use crate::config::{Environment, RateLimitsConfig};
use crate::domain::{BucketKey, Caller, Class, Limit, Role, Timestamp};
use crate::repository::{BucketRepository, sdk};
use crate::telemetry::usage;
use crate::testing::{TestStore, caller, local_client};

/// A start for clocks, in microseconds.
const START: u64 = 1_800_000_000_000_000;

fn at(microseconds: u64) -> Timestamp {
    Timestamp::from_epoch(microseconds / 1_000_000, u32::try_from(microseconds % 1_000_000).unwrap() * 1_000)
}

fn config(read: &str) -> RateLimitsConfig {
    let mut environment = Environment::new(|name| match name {
        "RATE_LIMIT_READ" => Some(read.to_owned()),
        "RATE_LIMITS_TABLE" => Some("table".to_owned()),
        _ => None,
    });
    let config = RateLimitsConfig::read(&mut environment);
    environment.finish(config).unwrap()
}

/// An instance of the limiter over a store. A busy machine has no say in whether its buckets answer in time.
fn instance(store: &TestStore, read: &str) -> Limiter {
    let table = store.table("RateLimitsTable");
    let buckets = BucketRepository::with_timeout(store.client(), table, Duration::from_secs(30));
    Limiter::new(config(read), buckets)
}

fn user() -> Caller {
    caller(Role::User)
}

/// Whether one token is given.
async fn admits(limiter: &Limiter, now: Timestamp) -> bool {
    limiter.take(&user(), Class::Read, 1, now).await.unwrap().retry_after_seconds.is_none()
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
    let limit = Limit::parse(text);
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
    let capacity = |class, role| config.limit(class, role).map(Limit::capacity);
    assert_eq!(capacity(Class::Read, Role::User), Some(10));
    assert_eq!(capacity(Class::Read, Role::Admin), None);
    assert_eq!(capacity(Class::Write, Role::User), Some(2));
    assert_eq!(capacity(Class::Write, Role::Moderator), Some(40));

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

/// A bucket as the books draw it: tokens that come back with time, counted in the time they take.
struct Model {
    limit: Limit,
    level: u64,
    then: u64,
}

impl Model {
    /// Takes tokens, or says for how long they are missing.
    fn take(&mut self, cost: u32, now: u64) -> Result<(), u64> {
        self.level = (self.level + (now - self.then)).min(self.limit.refill_time());
        self.then = now;
        let price = u64::from(cost.min(self.limit.capacity())) * self.limit.interval();
        if self.level < price {
            return Err(price - self.level);
        }
        self.level -= price;
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sequence_is_decided_as_the_model_does(
        limit in prop::sample::select(vec!["1:1", "3:2", "10:50", "40:7"]),
        count in 1..=4_usize,
        steps in prop::collection::vec((0..4_usize, prop_oneof![0..20_u64, 0..2_000_u64], 1..15_u32), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = TestStore::start().await.unwrap();
            let instances: Vec<_> = (0..count).map(|_| instance(&store, limit)).collect();
            let limit = Limit::parse(limit).unwrap();
            let mut model = Model { limit, level: limit.refill_time(), then: START };
            let mut now = START;
            for (instance, milliseconds, cost) in steps {
                now += milliseconds * 1_000;
                let decision = instances[instance % count].take(&user(), Class::Read, cost, at(now)).await.unwrap();
                match model.take(cost, now) {
                    Ok(()) => prop_assert_eq!(decision.retry_after_seconds, None),
                    Err(missing) => {
                        let said = decision.retry_after_seconds.unwrap();
                        let wanted = missing.div_ceil(1_000_000).max(1);
                        // An instance that refuses by memory knows of nothing that others took since.
                        prop_assert!(said == wanted || (count > 1 && said < wanted), "{} for {}", said, wanted);
                    }
                }
                if decision.retry_after_seconds.is_none() {
                    prop_assert_eq!(decision.remaining, model.level / limit.interval());
                    let missing = limit.refill_time() - model.level;
                    let next = if missing == 0 { 0 } else { (missing - 1) % limit.interval() + 1 };
                    prop_assert_eq!(decision.seconds_until_next, next.div_ceil(1_000_000));
                }
            }
            Ok(())
        })?;
    }
}

/// Sixteen workers on instances of their own ask one bucket at once, each with a clock that is off by up to `skew`
/// milliseconds. Gives how many were admitted and over how long, by the clocks that they had, in microseconds.
async fn storm(skew: u64, requests: u64) -> (u64, u64) {
    let store = TestStore::start().await.unwrap();
    let clock = Arc::new(AtomicU64::new(0));
    let workers = (0..16_u64).map(|worker| {
        let (limiter, clock) = (instance(&store, "50:200"), Arc::clone(&clock));
        // From one skew behind to one skew ahead.
        let off = worker * 2 * skew * 1_000 / 15;
        async move {
            let (mut admitted, mut earliest, mut latest) = (0_u64, u64::MAX, 0);
            for _ in 0..requests {
                // Each request takes 1 ms of the one time that all clocks are off from.
                let now = START + clock.fetch_add(1_000, Ordering::SeqCst) + off;
                (earliest, latest) = (earliest.min(now), latest.max(now));
                admitted += u64::from(admits(&limiter, at(now)).await);
                tokio::task::yield_now().await;
            }
            (admitted, earliest, latest)
        }
    });
    let results = join_all(workers).await;
    let admitted = results.iter().map(|(admitted, ..)| admitted).sum();
    let earliest = results.iter().map(|(_, earliest, _)| *earliest).min().unwrap();
    let latest = results.iter().map(|(.., latest)| *latest).max().unwrap();
    (admitted, latest - earliest)
}

#[tokio::test]
async fn many_instances_never_give_more_than_promised() {
    let (admitted, elapsed) = storm(0, 250).await;
    let promised = 50 + 200 * elapsed / 1_000_000;
    assert!(admitted <= promised, "{admitted} of {promised}");
    // Nor much less: 4,000 requests ask for five times as many as there are.
    assert!(admitted * 10 >= promised * 9, "{admitted} of {promised}");
}

#[tokio::test]
async fn clocks_that_disagree_give_no_more_than_their_disagreement() {
    let (admitted, elapsed) = storm(200, 250).await;
    // The elapsed time, by the clocks that there were, holds the skew.
    let promised = 50 + 200 * elapsed / 1_000_000;
    assert!(admitted <= promised, "{admitted} of {promised}");
}

#[tokio::test]
async fn a_caller_below_the_rate_is_never_refused() {
    let store = TestStore::start().await.unwrap();
    let instances: Vec<_> = (0..4).map(|_| instance(&store, "1:100")).collect();
    let mut now = START;
    for request in 0..1_000 {
        assert!(admits(&instances[request * 7 % 4], at(now)).await, "request {request}");
        // Never sooner than a token takes, now at once and now after a while.
        now += if request % 10 == 0 { 50_000 } else { 10_000 };
    }
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
        for class in [Class::Read, Class::Write] {
            let first = limiter.take(caller, class, 1, at(START)).await.unwrap();
            assert_eq!(first.retry_after_seconds, None);
        }
    }
    assert!(!admits(&limiter, at(START)).await);
    let keys: std::collections::HashSet<_> =
        others.iter().map(|caller| BucketKey::new(caller, Class::Read).to_string()).collect();
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
            let decision = limiter.take(&user(), Class::Read, cost, at(now)).await.unwrap();
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
    let key = BucketKey::new(&user(), Class::Read);
    let key = aws_sdk_dynamodb::types::AttributeValue::S(key.to_string());
    let table = store.table("RateLimitsTable");
    store.client().delete_item().table_name(table).key("pk", key).send().await.unwrap();
    assert!(admits(&limiter, at(START)).await);
}

/// A store that takes connections and never answers.
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
    let client = if hangs { local_client(&hanging().await) } else { store.client().clone() };
    let limiter = Limiter::new(config("5:0.001"), BucketRepository::new(&client, "there-is-no-such-table"));
    let mut admitted = 0;
    for _ in 0..8 {
        let started = Instant::now();
        admitted += u32::from(admits(&limiter, Timestamp::now()).await);
        assert!(started.elapsed() < Duration::from_secs(2), "a limit that takes {:?}", started.elapsed());
    }
    assert_eq!(admitted, 5);
}

/// A limiter over a store that answers every update with an error.
fn failing(code: &'static str, message: &'static str) -> Limiter {
    let error = move || ErrorMetadata::builder().code(code).message(message).build();
    let rule = mock!(sdk::Client::update_item).then_error(move || UpdateItemError::generic(error()));
    let client = mock_client!(sdk, RuleMode::MatchAny, [&rule]);
    Limiter::new(config("2:0.001"), BucketRepository::new(&client, "t"))
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
    let decision = limiter.take(&user(), Class::Read, 1, Timestamp::now()).await.unwrap();
    assert_eq!(decision.retry_after_seconds, Some(1));
}
