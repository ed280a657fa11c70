//! A cache of verified signatures. Clients send the same token with many requests, and verifying an RS256 or ES256 signature takes a
//! large part of the CPU time of a request.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::key_set::Key;
use crate::domain::hash;

/// The maximum number of tokens in the cache.
const SIZE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The key that verified each token, by the SHA-256 of the token. Claims are not cached: they are read and validated for every request.
#[derive(Debug)]
pub(super) struct VerifiedTokens(Mutex<LruCache<[u8; 32], Arc<Key>>>);

impl VerifiedTokens {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(SIZE)))
    }

    /// Whether this key has verified the token. The keys of a set that was fetched since are other keys, even with the same ids, so
    /// nothing stays verified by a key that was removed or replaced.
    pub(super) fn contains(&self, token: &str, key: &Arc<Key>) -> bool {
        let mut verified = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        verified.get(&hash(&[token.as_bytes()])).is_some_and(|with| Arc::ptr_eq(with, key))
    }

    /// Records that a key has verified a token.
    pub(super) fn insert(&self, token: &str, key: Arc<Key>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(hash(&[token.as_bytes()]), key);
    }
}
