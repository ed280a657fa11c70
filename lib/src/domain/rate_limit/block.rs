//! Blocks of tokens: for a caller that sends many requests to the same instance, the instance takes several tokens in one write.

use super::RateLimit;

/// How long the tokens of a block are valid, and the period in which the tokens that a caller spends are counted, in microseconds.
const ONE_SECOND: u64 = 1_000_000;
/// A block is at most this fraction of the tokens left in the bucket: a tenth.
const FRACTION: u64 = 10;

/// The tokens that an instance holds for a caller, and how many the caller has spent recently.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Block {
    /// Tokens that were taken from the bucket and are not spent.
    tokens: u32,
    /// When the oldest of them was taken.
    taken_at: u64,
    /// The start of the current counting period.
    counting_since: u64,
    /// Tokens spent in the current period, and in the one before it.
    spent: u32,
    spent_before: u32,
}

impl Block {
    /// The tokens that are still valid.
    pub fn tokens(&self, now: u64) -> u32 {
        // If the clock was set back, no token is valid.
        let valid = (self.taken_at..self.taken_at + ONE_SECOND).contains(&now);
        if valid { self.tokens } else { 0 }
    }

    /// Spends tokens of the block. Returns `false`, and spends none, if there are not enough.
    pub fn spend(&mut self, cost: u32, now: u64) -> bool {
        let enough = self.tokens(now) >= cost;
        if enough {
            self.tokens -= cost;
            self.count(cost, now);
        }
        enough
    }

    /// The number of tokens to take for a request: as many as the caller spent in the last second, but at most a tenth of what was left
    /// in the bucket when this instance last saw it, and at least the request's cost.
    pub fn size(&self, limit: RateLimit, tat: u64, cost: u32, now: u64) -> u32 {
        let most = u32::try_from(limit.remaining(tat, now) / FRACTION).unwrap_or(u32::MAX);
        self.spent_lately(now).min(most).max(cost)
    }

    /// Adds the tokens that were taken for a request, without those that the request itself spends.
    pub fn add(&mut self, taken: u32, cost: u32, now: u64) {
        self.count(cost, now);
        let held = self.tokens(now);
        if held == 0 {
            self.taken_at = now;
        }
        self.tokens = held + taken.saturating_sub(cost);
    }

    /// An estimate of the tokens spent in the last second: a sliding window over the two periods.
    fn spent_lately(&self, now: u64) -> u32 {
        let elapsed = now.saturating_sub(self.counting_since);
        let share = |spent: u32, of: u64| u64::from(spent) * of / ONE_SECOND;
        let spent = match elapsed {
            0..ONE_SECOND => u64::from(self.spent) + share(self.spent_before, ONE_SECOND - elapsed),
            _ => share(self.spent, (2 * ONE_SECOND).saturating_sub(elapsed)),
        };
        u32::try_from(spent).unwrap_or(u32::MAX)
    }

    fn count(&mut self, cost: u32, now: u64) {
        let elapsed = now.saturating_sub(self.counting_since);
        if elapsed >= ONE_SECOND {
            let follows = elapsed < 2 * ONE_SECOND;
            self.spent_before = if follows { self.spent } else { 0 };
            self.spent = 0;
            self.counting_since = if follows { self.counting_since + ONE_SECOND } else { now };
        }
        self.spent = self.spent.saturating_add(cost);
    }
}
