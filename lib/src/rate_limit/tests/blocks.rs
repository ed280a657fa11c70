//! Tokens in blocks: what they save, that no more is given than without them, and what can be refused too early.

use proptest::prelude::*;

use super::*;

/// A caller that asks one instance at a steady rate: how many requests were admitted, and how many calls that took.
async fn steady(limiter: &Limiter, requests: u64, interval: u64) -> (u64, u32) {
    let (mut admitted, mut calls) = (0, 0);
    for request in 0..requests {
        let take = Box::pin(admits(limiter, at(START + request * interval)));
        let (taken, usage) = usage::measured(take).await;
        admitted += u64::from(taken);
        calls += usage.total_calls();
    }
    (admitted, calls)
}

#[rstest]
#[case::seldom(2_000_000, 20, 20)]
#[case::once_a_second(1_000_000, 20, 20)]
#[case::ten_a_second(100_000, 110, 25)]
#[case::at_the_rate(20_000, 550, 80)]
#[tokio::test]
async fn a_caller_that_asks_often_costs_a_call_for_several_requests(
    #[case] interval: u64,
    #[case] requests: u64,
    #[case] most_calls: u32,
) {
    let store = TestStore::start().await.unwrap();
    let (admitted, calls) = steady(&instance_with(&store, "100:50", "on"), requests, interval).await;
    assert_eq!(admitted, requests);
    assert!(calls <= most_calls, "{calls} calls for {requests} requests");
    let (admitted, calls) =
        steady(&instance(&TestStore::start().await.unwrap(), "100:50"), requests, interval).await;
    assert_eq!((admitted, u64::from(calls)), (requests, requests), "without blocks");
}

#[test]
fn a_block_is_what_was_spent_in_the_last_second_and_at_most_a_tenth() {
    let limit = RateLimit::parse("100:50").unwrap();
    let mut block = Block::default();
    assert_eq!(block.size(limit, 0, 1, START), 1, "of a caller that was not there");
    for request in 0..6 {
        block.add(1, 1, START + request);
    }
    assert_eq!(block.size(limit, 0, 1, START + 10), 6);
    assert_eq!(
        block.size(limit, 0, 1, START + 1_500_000),
        3,
        "of the second before, as much as is less than a second ago"
    );
    assert_eq!(block.size(limit, 0, 1, START + 2_000_000), 1);
    for request in 10..30 {
        block.add(1, 1, START + request);
    }
    assert_eq!(block.size(limit, 0, 1, START + 30), 10, "a tenth of the bucket");
    let with_45_left = START + 30 + 55 * limit.interval();
    assert_eq!(block.size(limit, with_45_left, 1, START + 30), 4, "a tenth of what is left");
    assert_eq!(block.size(limit, with_45_left, 30, START + 30), 30, "what the request costs");
}

#[tokio::test]
async fn what_is_left_counts_what_the_instance_holds() {
    let store = TestStore::start().await.unwrap();
    let limiter = instance_with(&store, "100:0.001", "on");
    for request in 1..=100 {
        let decision = limiter.take(&user(), RateLimitClass::Read, 1, at(START + request)).await.unwrap();
        assert_eq!((decision.remaining, decision.retry_after_seconds), (100 - request, None));
        assert_eq!(
            limiter.peek(&user(), RateLimitClass::Read, at(START + request)).unwrap().remaining,
            100 - request
        );
    }
    assert!(!admits(&limiter, at(START + 101)).await);
}

#[tokio::test]
async fn what_an_instance_holds_is_gone_after_a_second() {
    let store = TestStore::start().await.unwrap();
    let [one, other] = [(); 2].map(|()| instance_with(&store, "100:0.001", "on"));
    for request in 0..20 {
        assert!(admits(&one, at(START + request)).await);
    }
    let seen_by_other = other.take(&user(), RateLimitClass::Read, 1, at(START + 20)).await.unwrap().remaining;
    assert!(seen_by_other < 79, "the instance holds tokens: {seen_by_other} are left besides");
    // A second later it has none: everything comes out of the bucket.
    let mut rest = 0;
    while admits(&other, at(START + 1_000_100)).await {
        rest += 1;
    }
    assert_eq!(rest, seen_by_other);
    assert!(!admits(&one, at(START + 1_000_100)).await);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_sequence_is_given_no_more_than_promised_and_little_less(
        limit in prop::sample::select(vec!["10:50", "40:20", "100:50", "200:7"]),
        count in 1..=4_usize,
        steps in prop::collection::vec((0..4_usize, prop_oneof![0..20_u64, 0..400_u64], 1..4_u32), 1..150),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = TestStore::start().await.unwrap();
            let instances: Vec<_> = (0..count).map(|_| instance_with(&store, limit, "on")).collect();
            let limit = RateLimit::parse(limit).unwrap();
            let (mut now, mut given) = (START, 0_u64);
            for (instance, milliseconds, cost) in steps {
                now += milliseconds * 1_000;
                let decision =
                    instances[instance % count].take(&user(), RateLimitClass::Read, cost, at(now)).await.unwrap();
                let promised = u64::from(limit.capacity()) + (now - START) / limit.interval();
                match decision.retry_after_seconds {
                    None => {
                        given += u64::from(cost);
                        prop_assert!(given <= promised, "{} of {}", given, promised);
                    }
                    Some(seconds) => {
                        // All that was promised was given, or is held by an instance, or was held for a second.
                        let seconds_so_far = (now - START).div_ceil(1_000_000) + 1;
                        let held = u64::from(limit.capacity()) / 10 * count as u64 * seconds_so_far;
                        let full = (now - START) / limit.interval() >= given;
                        prop_assert!(full || given + held + u64::from(cost) > promised, "{} of {}", given, promised);
                        prop_assert!(seconds >= 1);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_caller_below_half_its_rate_is_never_refused(
        seed in any::<u64>(),
        count in 1..=16_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = TestStore::start().await.unwrap();
            let instances: Vec<_> = (0..count).map(|_| instance_with(&store, "20:100", "on")).collect();
            let mut random = fastrand::Rng::with_seed(seed);
            let mut now = START;
            for request in 0..400 {
                prop_assert!(admits(&instances[random.usize(..count)], at(now)).await, "request {}", request);
                now += if random.u8(..10) == 0 { 100_000 } else { 20_000 };
            }
            Ok(())
        })?;
    }
}
