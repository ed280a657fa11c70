//! The time during which a deleted resource can be restored.

use crate::domain::Timestamp;

/// The days for which a deleted resource is kept: 1 to 3,650.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention(u16);

impl Retention {
    /// The most days.
    pub const MAX_DAYS: u16 = 3650;

    /// `None` outside 1 to 3,650.
    pub fn of_days(days: u16) -> Option<Self> {
        (1..=Self::MAX_DAYS).contains(&days).then_some(Self(days))
    }

    /// The time of the purge of a resource that is deleted now.
    pub fn end(self, now: Timestamp) -> Timestamp {
        let (seconds, _) = now.since_epoch();
        Timestamp::from_epoch(seconds + u64::from(self.0) * 24 * 60 * 60, 0)
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self(30)
    }
}
