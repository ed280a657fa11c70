//! No more is admitted than promised, and no caller below its limit is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use proptest::prelude::*;

use super::*;

/// The model: a token bucket with continuous refill, whose level is in microseconds of refill.
struct Model {
    limit: RateLimit,
    level: u64,
    then: u64,
}

impl Model {
    /// Takes tokens, or returns the microseconds until there are enough.
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
            let limit = RateLimit::parse(limit).unwrap();
            let mut model = Model { limit, level: limit.refill_time(), then: START };
            let mut now = START;
            for (instance, milliseconds, cost) in steps {
                now += milliseconds * 1_000;
                let decision = instances[instance % count].take(&user(), RateLimitClass::Read, cost, at(now)).await.unwrap();
                match model.take(cost, now) {
                    Ok(()) => prop_assert_eq!(decision.retry_after_seconds, None),
                    Err(missing) => {
                        let said = decision.retry_after_seconds.unwrap();
                        let wanted = missing.div_ceil(1_000_000).max(1);
                        // An instance that refuses from memory does not know what others took since.
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

/// Sixteen workers with an instance each use one bucket concurrently. Their clocks are off by up to `skew`
/// milliseconds. Returns how many requests were admitted, and how much time elapsed by these clocks, in
/// microseconds.
async fn storm(skew: u64, requests: u64, blocks: &str) -> (u64, u64) {
    let store = TestStore::start().await.unwrap();
    let clock = Arc::new(AtomicU64::new(0));
    let workers = (0..16_u64).map(|worker| {
        let (limiter, clock) = (instance_with(&store, "50:200", blocks), Arc::clone(&clock));
        // From one skew behind to one skew ahead.
        let off = worker * 2 * skew * 1_000 / 15;
        async move {
            let (mut admitted, mut earliest, mut latest) = (0_u64, u64::MAX, 0);
            for _ in 0..requests {
                // Each request advances the common clock by 1 ms.
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

#[rstest]
#[case("off")]
#[case("on")]
#[tokio::test]
async fn many_instances_never_give_more_than_promised(#[case] blocks: &str) {
    let (admitted, elapsed) = storm(0, 250, blocks).await;
    let promised = 50 + 200 * elapsed / 1_000_000;
    assert!(admitted <= promised, "{admitted} of {promised}");
    // Nor much less: 4,000 requests are nearly five times as many as promised.
    assert!(admitted * 10 >= promised * 9, "{admitted} of {promised}");
}

#[rstest]
#[case("off")]
#[case("on")]
#[tokio::test]
async fn clocks_that_disagree_give_no_more_than_their_disagreement(#[case] blocks: &str) {
    let (admitted, elapsed) = storm(200, 250, blocks).await;
    // The elapsed time by these clocks includes the skew.
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
        // Never sooner than a token takes to refill, and sometimes later.
        now += if request % 10 == 0 { 50_000 } else { 10_000 };
    }
}
