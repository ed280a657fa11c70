//! Buckets in the instance's memory, for when DynamoDB does not respond.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::domain::{BucketKey, RateLimit};

/// The number of buckets of a limit above which full ones are removed.
const SIZE: usize = 10_000;

type Buckets = RateLimiter<BucketKey, HashMapStateStore<BucketKey>, DefaultClock, StateInformationMiddleware>;

/// Buckets by their limits.
#[derive(Debug, Default)]
pub(super) struct Fallback(Mutex<HashMap<RateLimit, Arc<Buckets>>>);

impl Fallback {
    /// Takes tokens. Returns the whole tokens left, or as an error the seconds after which the same request
    /// is admitted.
    pub(super) fn take(&self, key: &BucketKey, limit: RateLimit, cost: u32) -> Result<u64, u64> {
        let buckets = self.buckets(limit);
        if buckets.len() > SIZE {
            buckets.retain_recent();
        }
        let cost = NonZeroU32::new(cost.clamp(1, limit.capacity())).unwrap_or(NonZeroU32::MIN);
        match buckets.check_key_n(key, cost) {
            Ok(Ok(state)) => Ok(u64::from(state.remaining_burst_capacity())),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(buckets.clock().now());
                Err(wait.as_micros().div_ceil(1_000_000).try_into().unwrap_or(u64::MAX).max(1))
            }
            // The cost is at most the capacity.
            Err(_) => Err(limit.refill_seconds()),
        }
    }

    fn buckets(&self, limit: RateLimit) -> Arc<Buckets> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let burst = NonZeroU32::new(limit.capacity()).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::with_period(Duration::from_micros(limit.interval()))
                .unwrap_or(Quota::per_second(burst))
                .allow_burst(burst);
            Arc::new(RateLimiter::hashmap(quota).with_middleware())
        };
        Arc::clone(all.entry(limit).or_insert_with(new))
    }
}
