//! Which tokens were verified lately, and with which key. Verifying an RS256 or ES256 signature again would take about half of the
//! CPU time of a request.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::key_set::Key;
use crate::domain::hash;

/// How many tokens are remembered: 100 KB of them.
const SIZE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The keys that tokens were verified with, by the SHA-256 of the whole token. Nothing else of a token is kept: its claims are read,
/// and its times checked, with each request.
#[derive(Debug)]
pub(super) struct VerifiedTokens(Mutex<LruCache<[u8; 32], Arc<Key>>>);

impl VerifiedTokens {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(SIZE)))
    }

    /// Whether a token was verified with this very key. Another key of the same id, from a set that was fetched since, is not the
    /// same: so a key that was removed or replaced ends what it verified.
    pub(super) fn contains(&self, token: &str, key: &Arc<Key>) -> bool {
        let mut verified = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        verified.get(&hash(&[token.as_bytes()])).is_some_and(|with| Arc::ptr_eq(with, key))
    }

    /// Remembers that a token was verified with a key.
    pub(super) fn insert(&self, token: &str, key: Arc<Key>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(hash(&[token.as_bytes()]), key);
    }
}
