//! The state of buckets, as far as an instance knows it.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use crate::domain::{Block, BucketKey, RateLimit, Spend};

/// How many buckets an instance remembers.
const SIZE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// The known state of a bucket.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// The last `tat` that this instance saw, or 0. The stored one is the same or later, since `tat` only grows.
    pub(super) tat: u64,
    /// The tokens that this instance holds.
    pub(super) block: Block,
    /// The limit that they were taken with. A caller may use access tokens of several roles, whose limits
    /// differ.
    limit: Option<RateLimit>,
}

/// The known states, by bucket.
#[derive(Debug)]
pub(super) struct Memory(Mutex<LruCache<BucketKey, Known>>);

impl Memory {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(SIZE)))
    }

    /// The known state of a bucket.
    pub(super) fn of(&self, key: &BucketKey) -> Known {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied().unwrap_or_default()
    }

    /// Spends tokens of the block for a request. Returns the state afterwards, and whether the block had
    /// enough.
    pub(super) fn spend(&self, key: &BucketKey, limit: RateLimit, cost: u32, now: u64) -> (Known, Spend) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get_or_insert_mut_ref(key, Known::default);
        if known.limit.replace(limit) != Some(limit) {
            known.block = Block::default();
        }
        let spend = known.block.spend(cost, now);
        (*known, spend)
    }

    /// Changes the known state of a bucket, and returns it.
    pub(super) fn update(&self, key: &BucketKey, change: impl FnOnce(&mut Known)) -> Known {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get_or_insert_mut_ref(key, Known::default);
        change(known);
        *known
    }
}
