//! What was answered: for how long each customer may have had an address, and which addresses were refused.

use std::time::Instant;

/// For how long a customer may have had an email address, and for how long it certainly had it.
#[derive(Debug, Clone)]
pub(super) struct Holding {
    pub(super) id: String,
    pub(super) email: usize,
    pub(super) possible: (Instant, Option<Instant>),
    pub(super) certain: (Instant, Option<Instant>),
}

/// An address that was refused, to a customer or a new one, during a request.
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
    /// Checks that no two customers certainly had an address at the same time, and that every refusal can be true.
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
