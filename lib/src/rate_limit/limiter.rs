//! Takes tokens from the stored buckets, and limits in memory when DynamoDB does not respond.

use super::fallback::Fallback;
use super::memory::{Known, Memory};
use crate::config::RateLimitsConfig;
use crate::domain::{Attempt, BucketKey, Caller, RateLimit, RateLimitClass, Spend, Take, Timestamp};
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

/// The decision on a request, and the state of its bucket.
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
    /// If the request is refused: the seconds after which the same request is admitted.
    pub retry_after_seconds: Option<u64>,
}

impl Limiter {
    /// A limiter with an empty memory.
    pub fn new(config: RateLimitsConfig, buckets: BucketRepository) -> Self {
        Self {
            config,
            buckets,
            memory: Memory::new(),
            fallback: Fallback::default(),
            log_throttle: LogThrottle::default(),
        }
    }

    /// Takes `cost` tokens for a request, if there are enough; `None` without a limit.
    pub async fn take(
        &self,
        caller: &Caller,
        class: RateLimitClass,
        cost: u32,
        now: Timestamp,
    ) -> Option<Decision> {
        let limit = self.config.limit(class, caller.role)?;
        let key = BucketKey::new(caller, class);
        let cost = cost.min(limit.capacity());
        let (memory, at) = (&self.memory, now.as_microseconds());
        let (known, spend) = memory.spend(&key, limit, cost, at);
        let Spend::Short(reservation) = spend else {
            return Some(decision(class, limit, known, at, None));
        };
        let attempt = Attempt::new(limit, cost - reservation.held, at);
        let refuse = |tat: u64| {
            let known = memory.update(&key, |known| {
                known.tat = known.tat.max(tat);
                known.block.release(reservation);
            });
            // The reserved tokens may have expired by then.
            let retry_after = Attempt::new(limit, cost, at).retry_after_seconds(tat);
            decision(class, limit, known, at, Some(retry_after))
        };
        // `tat` only grows, so the update would fail. It is not sent.
        if known.tat > attempt.latest() {
            return Some(refuse(known.tat));
        }
        let takes_block = self.config.blocks && reservation.may_refill;
        let size =
            if takes_block { known.block.size(limit, known.tat, attempt.cost, at) } else { attempt.cost };
        Some(match self.ask(&key, attempt, size, known.tat).await {
            Ok((Take::Taken(tat), taken)) => {
                let known = memory.update(&key, |known| {
                    known.tat = known.tat.max(tat);
                    known.block.commit(reservation, cost, taken - attempt.cost, at);
                });
                decision(class, limit, known, at, None)
            }
            Ok((Take::Failed(tat), _)) => refuse(tat.unwrap_or(at)),
            Err(BucketFailure::KeyThrottled) => {
                memory.update(&key, |known| known.block.release(reservation));
                Decision { class, limit, remaining: 0, seconds_until_next: 1, retry_after_seconds: Some(1) }
            }
            Err(BucketFailure::Unavailable(reason)) => {
                memory.update(&key, |known| known.block.release(reservation));
                self.log(now, &reason);
                self.decided_in_memory(class, limit, &key, cost)
            }
        })
    }

    /// The state of a caller's bucket, as far as this instance knows. Takes no tokens.
    pub fn peek(&self, caller: &Caller, class: RateLimitClass, now: Timestamp) -> Option<Decision> {
        let limit = self.config.limit(class, caller.role)?;
        let known = self.memory.of(&BucketKey::new(caller, class));
        Some(decision(class, limit, known, now.as_microseconds(), None))
    }

    /// Takes `size` tokens from the bucket, or only those of the attempt if that fails. Returns how many were taken.
    ///
    /// One call if the bucket is idle or busy as this instance assumed and has enough tokens, otherwise at most two: the first
    /// failure returns the stored `tat`, which decides the second call.
    async fn ask(
        &self,
        key: &BucketKey,
        attempt: Attempt,
        size: u32,
        known_tat: u64,
    ) -> Result<(Take, u32), BucketFailure> {
        let larger = Attempt::new(attempt.limit, size, attempt.now);
        let first = if known_tat > attempt.now {
            self.buckets.take_from_busy(key, larger).await?
        } else {
            self.buckets.take_from_idle(key, larger).await?
        };
        match first {
            Take::Taken(_) => Ok((first, size)),
            // The item was deleted, or the bucket is full by now.
            Take::Failed(tat) if tat.is_none_or(|tat| tat <= attempt.now) => {
                Ok((self.buckets.take_from_idle(key, attempt).await?, attempt.cost))
            }
            Take::Failed(Some(tat)) if tat <= attempt.latest() => {
                Ok((self.buckets.take_from_busy(key, attempt).await?, attempt.cost))
            }
            Take::Failed(_) => Ok((first, attempt.cost)),
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
            tracing::warn!(reason, "the rate limits table does not respond; limiting in memory");
        }
    }
}

/// A decision. `remaining` is what this instance knows to be left in the bucket, plus the tokens that it
/// holds.
fn decision(
    class: RateLimitClass,
    limit: RateLimit,
    known: Known,
    now: u64,
    retry_after_seconds: Option<u64>,
) -> Decision {
    let held = u64::from(known.block.tokens(now));
    let remaining = (limit.remaining(known.tat, now) + held).min(limit.capacity().into());
    let full = remaining == u64::from(limit.capacity());
    let seconds_until_next = if full { 0 } else { limit.seconds_until_next(known.tat, now) };
    Decision { class, limit, remaining, seconds_until_next, retry_after_seconds }
}
