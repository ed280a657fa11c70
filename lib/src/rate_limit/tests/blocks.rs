//! Blocks of tokens: the calls that they save, that no more is admitted than promised, and what can be
//! refused too early.

use proptest::prelude::*;

use super::*;

/// Sends requests to one instance at a steady rate. Returns how many were admitted, and the number of calls.
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

/// A request that costs one token and takes a surplus.
fn ask(block: &mut Block, surplus: u32, now: u64) {
    let Spend::Short(reservation) = block.spend(1, now) else { return };
    block.commit(reservation, 1, surplus, now);
}

#[test]
fn one_request_at_a_time_takes_a_block() {
    let mut block = Block::default();
    let [Spend::Short(first), Spend::Short(second)] = [(); 2].map(|()| block.spend(1, START)) else {
        panic!("a new block has tokens")
    };
    assert_eq!((first.may_refill, second.may_refill), (true, false));
    // The second request ends first, and has an earlier time.
    block.commit(second, 1, 0, START - 5);
    block.commit(first, 1, 7, START);
    assert_eq!(
        (block.tokens(START), block.tokens(START + 999_999), block.tokens(START + 1_000_000)),
        (7, 7, 0)
    );
    let Spend::Short(third) = block.spend(8, START + 10) else { panic!("8 of 7") };
    assert_eq!((third.held, third.may_refill, block.tokens(START + 10)), (7, true, 0));
    block.release(third);
    assert_eq!(block.tokens(START + 10), 7, "given back");
    // A request that never ends blocks the others for a second at most.
    let Spend::Short(_) = block.spend(8, START + 20) else { panic!("8 of 7") };
    let Spend::Short(later) = block.spend(8, START + 1_000_020) else { panic!("8 of 7") };
    assert!(later.may_refill);
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_a_frequent_caller() {
    let limit = RateLimit::parse("100:50").unwrap();
    let mut block = Block::default();
    for request in 0..10 {
        ask(&mut block, 0, START + request);
    }
    ask(&mut block, 0, START - 60_000_000);
    assert_eq!(block.size(limit, 0, 1, START - 60_000_000), 1);
}

#[tokio::test]
async fn requests_at_the_same_time_hold_a_tenth_at_most() {
    let store = TestStore::start().await.unwrap();
    let [one, other] = [(); 2].map(|()| instance_with(&store, "100:0.001", "on"));
    for request in 0..10 {
        assert!(admits(&one, at(START + request)).await);
    }
    let at_once = join_all((0..10).map(|_| admits(&one, at(START + 10)))).await;
    assert!(at_once.iter().all(|admitted| *admitted));
    let left = other.take(&user(), RateLimitClass::Read, 1, at(START + 20)).await.unwrap().remaining;
    let held = 100 - 10 - 10 - 1 - left;
    assert!(held <= 10, "{held} are held");
}

#[tokio::test]
async fn a_request_gets_what_its_instance_holds_and_the_rest_from_the_bucket() {
    let store = TestStore::start().await.unwrap();
    let [one, other] = [(); 2].map(|()| instance_with(&store, "40:0.001", "on"));
    for request in 0..8 {
        assert!(admits(&one, at(START + request)).await);
    }
    let mut left = 0;
    while admits(&other, at(START + 20)).await {
        left += 1;
    }
    let held = 40 - 8 - left;
    assert!(held > 0);
    let ask = async |cost| {
        let decision = one.take(&user(), RateLimitClass::Read, cost, at(START + 20)).await.unwrap();
        (decision.remaining, decision.retry_after_seconds.is_some())
    };
    assert_eq!(ask(held + 1).await, (held.into(), true));
    assert_eq!(ask(held).await, (0, false));
}

#[tokio::test]
async fn a_full_bucket_has_no_next_token() {
    let store = TestStore::start().await.unwrap();
    let limiter = instance_with(&store, "100:50", "on");
    for request in 0..20 {
        assert!(admits(&limiter, at(START + 1_000 * request)).await);
    }
    for later in (20..800).map(|milliseconds| START + 1_000 * milliseconds) {
        let Decision { remaining, seconds_until_next, .. } =
            limiter.peek(&user(), RateLimitClass::Read, at(later)).unwrap();
        assert_eq!(remaining == 100, seconds_until_next == 0, "{remaining} of 100");
    }
}

#[test]
fn a_block_is_what_was_spent_in_the_last_second_and_at_most_a_tenth() {
    let limit = RateLimit::parse("100:50").unwrap();
    let mut block = Block::default();
    assert_eq!(block.size(limit, 0, 1, START), 1, "of a caller that was not there");
    for request in 0..6 {
        ask(&mut block, 0, START + request);
    }
    assert_eq!(block.size(limit, 0, 1, START + 10), 6);
    assert_eq!(
        block.size(limit, 0, 1, START + 1_500_000),
        3,
        "of the second before, as much as is less than a second ago"
    );
    assert_eq!(block.size(limit, 0, 1, START + 2_000_000), 1);
    for request in 10..30 {
        ask(&mut block, 0, START + request);
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
    // A second later the instance holds none: all that is left is in the bucket.
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
                        // All promised tokens were spent, are held by an instance, or expired in a block.
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
    fn a_caller_that_asks_evenly_below_half_its_rate_is_never_refused(
        seed in any::<u64>(),
        count in 1..=16_usize,
        (limit, interval) in prop::sample::select(vec![("20:100", 20_000), ("100:50", 40_000), ("1000:1000", 2_000)]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = TestStore::start().await.unwrap();
            let instances: Vec<_> = (0..count).map(|_| instance_with(&store, limit, "on")).collect();
            let mut random = fastrand::Rng::with_seed(seed);
            let mut now = START;
            for request in 0..400 {
                prop_assert!(admits(&instances[random.usize(..count)], at(now)).await, "request {}", request);
                now += if random.u8(..10) == 0 { 5 * interval } else { interval };
            }
            Ok(())
        })?;
    }
}
