//! What an instance remembers of buckets: the last `tat` it saw of each.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use crate::domain::BucketKey;

/// How many buckets an instance remembers.
const SIZE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// The last `tat` seen, by bucket. A `tat` only grows, so what is remembered is never too late.
#[derive(Debug)]
pub(super) struct Memory(Mutex<LruCache<BucketKey, u64>>);

impl Memory {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(SIZE)))
    }

    pub(super) fn last_seen(&self, key: &BucketKey) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    pub(super) fn remember(&self, key: &BucketKey, tat: u64) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = seen.get(key).map_or(tat, |seen| tat.max(*seen));
        seen.put(key.clone(), latest);
    }
}
