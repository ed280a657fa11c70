//! The arithmetic of a token bucket, as the generic cell rate algorithm does it.
//!
//! A bucket is one number, `tat`: the time at which it will be full again. Each token that is taken moves `tat` on by
//! the time that one token takes to come back. All times are microseconds since the Unix epoch.

/// What a request is counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateLimitClass {
    /// It changes nothing.
    Read,
    /// It may change something.
    Write,
}

impl RateLimitClass {
    /// The name of its policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

const MICROSECONDS: u64 = 1_000_000;
/// The longest that a bucket may take to refill: one year.
const MAX_REFILL: u64 = 366 * 24 * 60 * 60 * MICROSECONDS;

/// The size of a bucket, and how fast it refills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// The tokens of a full bucket.
    capacity: u32,
    /// How long one token takes to come back, rounded up, so that no more are given than promised.
    interval: u64,
}

impl RateLimit {
    /// Reads: 100 at once, 50 a second.
    pub const DEFAULT_READ: Self = Self { capacity: 100, interval: MICROSECONDS / 50 };
    /// Writes: 40 at once, 20 a second.
    pub const DEFAULT_WRITE: Self = Self { capacity: 40, interval: MICROSECONDS / 20 };

    /// Reads `CAPACITY:PER_SECOND`: a whole number from 1, and a number above 0.
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

    /// How long one token takes to come back, in microseconds.
    pub fn interval(self) -> u64 {
        self.interval
    }

    /// How long an empty bucket takes to be full, in microseconds.
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
    /// When.
    pub now: u64,
    /// How many tokens.
    pub cost: u32,
    /// By how much `tat` moves on: the cost in time.
    pub advance: u64,
}

impl Attempt {
    /// An attempt to take `cost` tokens. More than the bucket can hold are as many as it can hold.
    pub fn new(limit: RateLimit, cost: u32, now: u64) -> Self {
        let cost = cost.min(limit.capacity);
        Self { limit, now, cost, advance: u64::from(cost) * limit.interval }
    }

    /// The latest `tat` at which the tokens are there.
    pub fn latest(self) -> u64 {
        self.now + self.limit.refill_time() - self.advance
    }

    /// Whole seconds after which the same attempt succeeds on a bucket with this `tat`.
    pub fn retry_after_seconds(self, tat: u64) -> u64 {
        tat.saturating_sub(self.latest()).div_ceil(MICROSECONDS).max(1)
    }
}

/// How taking tokens went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// They were taken; `tat` is this now.
    Taken(u64),
    /// The condition did not hold; `tat` is this, if there is a bucket.
    Failed(Option<u64>),
}
