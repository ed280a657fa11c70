//! Tokens that an instance takes several at a time, for a caller that asks it often.

use super::RateLimit;

/// How long the tokens of a block can be spent, and over which time requests are counted, in microseconds.
const ONE_SECOND: u64 = 1_000_000;
/// A block is at most this share of what the bucket can hold, and of what it holds.
const SHARE: u64 = 10;

/// What an instance holds of a caller's tokens, and how many it has spent lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Block {
    /// Tokens that have been taken and not spent.
    tokens: u32,
    /// When the oldest of them was taken.
    taken_at: u64,
    /// When the current second of counting began.
    counting_since: u64,
    /// Tokens spent in this second, and in the one before.
    spent: u32,
    spent_before: u32,
}

impl Block {
    /// The tokens that can be spent now.
    pub fn tokens(&self, now: u64) -> u32 {
        // A clock that was set back makes no token last longer.
        let valid = (self.taken_at..self.taken_at + ONE_SECOND).contains(&now);
        if valid { self.tokens } else { 0 }
    }

    /// Spends tokens that have been taken before; `false` where there are not enough.
    pub fn spend(&mut self, cost: u32, now: u64) -> bool {
        let enough = self.tokens(now) >= cost;
        if enough {
            self.tokens -= cost;
            self.count(cost, now);
        }
        enough
    }

    /// How many tokens to take for a request: as many as were spent in the last second, at most a tenth of the bucket, and of
    /// what was left in it when it was seen last; never less than the request costs.
    pub fn size(&self, limit: RateLimit, tat: u64, cost: u32, now: u64) -> u32 {
        let left = limit.remaining(tat, now).min(limit.capacity().into());
        let most = u32::try_from(left / SHARE).unwrap_or(u32::MAX);
        self.spent_lately(now).min(most).max(cost)
    }

    /// Keeps what is left of tokens that were taken for a request, which has spent its own.
    pub fn add(&mut self, taken: u32, cost: u32, now: u64) {
        self.count(cost, now);
        let held = self.tokens(now);
        if held == 0 {
            self.taken_at = now;
        }
        self.tokens = held + taken.saturating_sub(cost);
    }

    /// The tokens spent in the second before now, estimated from two counters.
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
