//! Records the responses: the time in which each customer may have held an address, and the refused
//! addresses.

use std::time::Instant;

/// The time in which a customer may have held an email address, and the time in which it certainly held it.
#[derive(Debug, Clone)]
pub(super) struct Holding {
    pub(super) id: String,
    pub(super) email: usize,
    pub(super) possible: (Instant, Option<Instant>),
    pub(super) certain: (Instant, Option<Instant>),
}

/// A request that was refused an address for a customer, or for a new one.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) id: Option<String>,
    pub(super) email: usize,
    pub(super) during: (Instant, Instant),
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) holdings: Vec<Holding>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) uncertain: usize,
    pub(super) certain: usize,
}

impl Ledger {
    /// Checks that no two customers certainly held an address at the same time, and that every refusal can
    /// have been correct.
    pub(super) fn check(&self) {
        for (at, one) in self.holdings.iter().enumerate() {
            for other in &self.holdings[at + 1..] {
                if one.email == other.email && one.id != other.id {
                    let apart = |one: &Holding, other: &Holding| {
                        one.certain.1.is_some_and(|end| end <= other.certain.0)
                    };
                    assert!(apart(one, other) || apart(other, one), "{one:?} and {other:?}");
                }
            }
        }
        for refusal in &self.refusals {
            let (start, end) = refusal.during;
            let explains = |holding: &&Holding| {
                holding.email == refusal.email
                    && Some(&holding.id) != refusal.id.as_ref()
                    && holding.possible.0 <= end
                    && holding.possible.1.is_none_or(|over| over >= start)
            };
            assert!(self.holdings.iter().find(explains).is_some(), "nobody had it: {refusal:?}");
        }
    }
}
