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
    /// When a request began to take a block; 0 if none is taking one.
    refill_began_at: u64,
    /// The start of the current counting period.
    counting_since: u64,
    /// Tokens spent in the current period, and in the one before it.
    spent: u32,
    spent_before: u32,
}

/// The result of [`Block::spend`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spend {
    /// The block had enough tokens. They are spent.
    Enough,
    /// The block had fewer. They are reserved for the request.
    Short(Reservation),
}

/// The tokens of a block that are reserved for a request which costs more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// How many.
    pub held: u32,
    /// Whether the request may take a new block: no other request of this caller is taking one.
    pub may_refill: bool,
    taken_at: u64,
}

impl Block {
    /// The tokens that are still valid.
    pub fn tokens(&self, now: u64) -> u32 {
        // If the clock was set back, no token is valid.
        let valid = (self.taken_at..self.taken_at + ONE_SECOND).contains(&now);
        if valid { self.tokens } else { 0 }
    }

    /// Spends tokens of the block for a request. If there are not enough, reserves those that there are. The request then takes the
    /// others from the bucket, and calls [`Self::commit`], or [`Self::release`] if it is refused.
    pub fn spend(&mut self, cost: u32, now: u64) -> Spend {
        let held = self.tokens(now);
        if let Some(left) = held.checked_sub(cost) {
            self.tokens = left;
            self.count(cost, now);
            return Spend::Enough;
        }
        self.tokens = 0;
        let may_refill = self.refill_began_at.abs_diff(now) >= ONE_SECOND;
        if may_refill {
            self.refill_began_at = now;
        }
        Spend::Short(Reservation { held, taken_at: self.taken_at, may_refill })
    }

    /// The number of tokens to take for a request: as many as the caller spent in the last second, but at most a tenth of what was left
    /// in the bucket when this instance last saw it, and at least the request's cost.
    pub fn size(&self, limit: RateLimit, tat: u64, cost: u32, now: u64) -> u32 {
        let most = u32::try_from(limit.remaining(tat, now) / FRACTION).unwrap_or(u32::MAX);
        self.spent_lately(now).min(most).max(cost)
    }

    /// Spends the reserved tokens, and adds the `surplus` that was taken from the bucket beyond what the request costs.
    pub fn commit(&mut self, reservation: Reservation, cost: u32, surplus: u32, now: u64) {
        self.end_refill(reservation);
        self.count(cost, now);
        // A concurrent request may have added tokens that were taken slightly later.
        let valid = self.tokens > 0 && self.taken_at.abs_diff(now) < ONE_SECOND;
        (self.tokens, self.taken_at) =
            if valid { (self.tokens + surplus, self.taken_at.min(now)) } else { (surplus, now) };
    }

    /// Returns the reserved tokens to the block.
    pub fn release(&mut self, reservation: Reservation) {
        self.end_refill(reservation);
        if self.taken_at == reservation.taken_at {
            self.tokens += reservation.held;
        }
    }

    fn end_refill(&mut self, reservation: Reservation) {
        if reservation.may_refill {
            self.refill_began_at = 0;
        }
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
        if now + ONE_SECOND <= self.counting_since {
            // The clock was set back. Concurrent requests differ by less.
            (self.counting_since, self.spent, self.spent_before) = (now, 0, 0);
        }
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
