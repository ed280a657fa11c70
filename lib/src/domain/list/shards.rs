//! The shards of lists.

use crate::domain::ResourceId;

/// The number of partitions of each list of a tenant and kind, and with
/// [`Lists::ByStatus`](crate::domain::Lists::ByStatus) also of each status. A partition supports 1,000 writes
/// a second. The number may grow, because readers query every shard below it, but must never shrink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards(u8);

impl Shards {
    /// The most shards that a list may have.
    pub const MAX: u8 = 64;

    /// `None` outside 1 to 64.
    pub fn new(count: u8) -> Option<Self> {
        (1..=Self::MAX).contains(&count).then_some(Self(count))
    }

    /// How many there are.
    pub fn count(self) -> usize {
        usize::from(self.0)
    }

    /// The shard of a resource.
    pub fn of(self, id: ResourceId) -> u64 {
        id.random_bits() % u64::from(self.0)
    }
}

impl Default for Shards {
    fn default() -> Self {
        Self(1)
    }
}
