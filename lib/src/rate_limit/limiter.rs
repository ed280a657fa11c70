//! Asks the bucket, and knows what to do when it does not answer.

use super::fallback::Fallback;
use super::memory::Memory;
use crate::config::RateLimitsConfig;
use crate::domain::{Attempt, BucketKey, Caller, RateLimit, RateLimitClass, Take, Timestamp};
use crate::repository::{BucketFailure, BucketRepository};
use crate::telemetry::LogThrottle;

/// Limits callers.
#[derive(Debug)]
pub struct Limiter {
    config: RateLimitsConfig,
    buckets: BucketRepository,
    memory: Memory,
    fallback: Fallback,
    log_throttle: LogThrottle,
}

/// What became of a request at its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The bucket's class.
    pub class: RateLimitClass,
    /// The bucket's limit.
    pub limit: RateLimit,
    /// Whole tokens left.
    pub remaining: u64,
    /// Seconds until there is one more, rounded up.
    pub seconds_until_next: u64,
    /// Where the request is refused: seconds after which the same one passes.
    pub retry_after_seconds: Option<u64>,
}

impl Limiter {
    /// A limiter with nothing in its memory.
    pub fn new(config: RateLimitsConfig, buckets: BucketRepository) -> Self {
        Self {
            config,
            buckets,
            memory: Memory::new(),
            fallback: Fallback::default(),
            log_throttle: LogThrottle::default(),
        }
    }

    /// Takes `cost` tokens for a request, if they are there; `None` where there is no limit.
    pub async fn take(
        &self,
        caller: &Caller,
        class: RateLimitClass,
        cost: u32,
        now: Timestamp,
    ) -> Option<Decision> {
        let limit = self.config.limit(class, caller.role)?;
        let key = BucketKey::new(caller, class);
        let attempt = Attempt::new(limit, cost, now.as_microseconds());
        let taken = match self.memory.last_seen(&key).filter(|tat| *tat > attempt.latest()) {
            // A bucket that was too empty for this then is so still: no need to ask.
            Some(tat) => Ok(Take::Failed(Some(tat))),
            None => self.ask(&key, attempt).await,
        };
        Some(match taken {
            Ok(take) => self.decided(class, &key, attempt, take),
            Err(BucketFailure::KeyThrottled) => {
                Decision { class, limit, remaining: 0, seconds_until_next: 1, retry_after_seconds: Some(1) }
            }
            Err(BucketFailure::Unavailable(reason)) => {
                self.log(now, &reason);
                self.decided_in_memory(class, limit, &key, cost)
            }
        })
    }

    /// What a caller's bucket holds, as far as this instance knows, without taking anything.
    pub fn peek(&self, caller: &Caller, class: RateLimitClass, now: Timestamp) -> Option<Decision> {
        let limit = self.config.limit(class, caller.role)?;
        let now = now.as_microseconds();
        let tat = self.memory.last_seen(&BucketKey::new(caller, class)).unwrap_or(now);
        Some(Decision {
            class,
            limit,
            remaining: limit.remaining(tat, now),
            seconds_until_next: limit.seconds_until_next(tat, now),
            retry_after_seconds: None,
        })
    }

    /// One call for a calm caller and for a busy one that this instance knows; two at most, for `tat` only grows:
    /// once a bucket is seen to be busy, it does not become idle at the same `now`.
    async fn ask(&self, key: &BucketKey, attempt: Attempt) -> Result<Take, BucketFailure> {
        let known_busy = self.memory.last_seen(key).is_some_and(|tat| tat > attempt.now);
        let first = if known_busy {
            self.buckets.take_from_busy(key, attempt).await?
        } else {
            self.buckets.take_from_idle(key, attempt).await?
        };
        match first {
            Take::Failed(Some(tat)) if !known_busy && tat <= attempt.latest() => {
                self.buckets.take_from_busy(key, attempt).await
            }
            // Somebody removed the bucket: it is full.
            Take::Failed(tat) if known_busy && tat.is_none_or(|tat| tat <= attempt.now) => {
                self.buckets.take_from_idle(key, attempt).await
            }
            take => Ok(take),
        }
    }

    fn decided(&self, class: RateLimitClass, key: &BucketKey, attempt: Attempt, take: Take) -> Decision {
        let (tat, retry_after_seconds) = match take {
            Take::Taken(tat) => (tat, None),
            Take::Failed(tat) => {
                let tat = tat.unwrap_or(attempt.now);
                (tat, Some(attempt.retry_after_seconds(tat)))
            }
        };
        self.memory.remember(key, tat);
        Decision {
            class,
            limit: attempt.limit,
            remaining: attempt.limit.remaining(tat, attempt.now),
            seconds_until_next: attempt.limit.seconds_until_next(tat, attempt.now),
            retry_after_seconds,
        }
    }

    fn decided_in_memory(
        &self,
        class: RateLimitClass,
        limit: RateLimit,
        key: &BucketKey,
        cost: u32,
    ) -> Decision {
        let taken = self.fallback.take(key, limit, cost);
        Decision {
            class,
            limit,
            remaining: taken.unwrap_or_default(),
            seconds_until_next: limit.interval().div_ceil(1_000_000),
            retry_after_seconds: taken.err(),
        }
    }

    fn log(&self, now: Timestamp, reason: &str) {
        if self.log_throttle.allows(now) {
            tracing::warn!(reason, "the rate limits' store does not answer; limiting in memory");
        }
    }
}
