//! The arithmetic of a token bucket: the generic cell rate algorithm (GCRA).
//!
//! A bucket is one number, `tat`: the time at which it will be full again. Each token that is taken adds the
//! refill time of one token to `tat`. All times are microseconds since the Unix epoch.

/// The bucket that a request takes its tokens from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateLimitClass {
    /// Reads.
    Read,
    /// Writes.
    Write,
}

impl RateLimitClass {
    /// The name of its rate limit policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

const MICROSECONDS: u64 = 1_000_000;
/// The longest refill time of a bucket: 366 days.
const MAX_REFILL: u64 = 366 * 24 * 60 * 60 * MICROSECONDS;

/// The size of a bucket, and how fast it refills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// The tokens of a full bucket.
    capacity: u32,
    /// The refill time of one token, rounded up, so that the rate is never exceeded.
    interval: u64,
}

impl RateLimit {
    /// Reads: 100 at once, 50 a second.
    pub const DEFAULT_READ: Self = Self { capacity: 100, interval: MICROSECONDS / 50 };
    /// Writes: 40 at once, 20 a second.
    pub const DEFAULT_WRITE: Self = Self { capacity: 40, interval: MICROSECONDS / 20 };

    /// Parses `CAPACITY:PER_SECOND`: a whole number from 1, and a number above 0.
    pub fn parse(text: &str) -> Option<Self> {
        let (capacity, per_second) = text.split_once(':')?;
        let (capacity, per_second): (u32, f64) = (capacity.parse().ok()?, per_second.parse().ok()?);
        let interval = (1e6 / per_second).ceil();
        let valid = capacity >= 1 && per_second > 0.0 && (1.0..=1e14).contains(&interval);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bounds are checked")]
        let limit = Self { capacity, interval: interval as u64 };
        (valid && limit.refill_time() <= MAX_REFILL).then_some(limit)
    }

    /// The tokens of a full bucket.
    pub fn capacity(self) -> u32 {
        self.capacity
    }

    /// The refill time of one token, in microseconds.
    pub fn interval(self) -> u64 {
        self.interval
    }

    /// The refill time of an empty bucket, in microseconds.
    pub fn refill_time(self) -> u64 {
        u64::from(self.capacity) * self.interval
    }

    /// [`Self::refill_time`] in seconds, rounded up.
    pub fn refill_seconds(self) -> u64 {
        self.refill_time().div_ceil(MICROSECONDS)
    }

    /// The whole tokens in a bucket.
    pub fn remaining(self, tat: u64, now: u64) -> u64 {
        let missing = tat.saturating_sub(now);
        self.refill_time().saturating_sub(missing) / self.interval
    }

    /// The seconds until there is one whole token more, rounded up; 0 when the bucket is full.
    pub fn seconds_until_next(self, tat: u64, now: u64) -> u64 {
        let missing = tat.saturating_sub(now);
        let over = missing.saturating_sub(self.refill_time());
        let to_next = match missing - over {
            0 => 0,
            missing => (missing - 1) % self.interval + 1,
        };
        (over + to_next).div_ceil(MICROSECONDS)
    }
}

/// An attempt to take tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The bucket's limit.
    pub limit: RateLimit,
    /// The time of the attempt.
    pub now: u64,
    /// How many tokens.
    pub cost: u32,
    /// How much it adds to `tat`: the refill time of the tokens.
    pub advance: u64,
}

impl Attempt {
    /// An attempt to take `cost` tokens, at most the capacity of the bucket.
    pub fn new(limit: RateLimit, cost: u32, now: u64) -> Self {
        let cost = cost.min(limit.capacity);
        Self { limit, now, cost, advance: u64::from(cost) * limit.interval }
    }

    /// The greatest `tat` of the bucket at which the attempt succeeds.
    pub fn latest(self) -> u64 {
        self.now + self.limit.refill_time() - self.advance
    }

    /// The seconds after which the same attempt succeeds on a bucket with this `tat`, rounded up, at least 1.
    pub fn retry_after_seconds(self, tat: u64) -> u64 {
        tat.saturating_sub(self.latest()).div_ceil(MICROSECONDS).max(1)
    }
}

/// The result of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The tokens were taken. This is the new `tat`.
    Taken(u64),
    /// The condition was not met. This is the current `tat`, if there is a bucket.
    Failed(Option<u64>),
}
