//! Cache-aside for reads by id, in a Redis or Valkey server that all functions share. Never an error: where the cache
//! does not answer in time, the store does.

mod entry;
mod reads;
mod server;

pub use reads::CachedResources;
pub use server::Cache;

/// What became of a read at the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CacheUse {
    /// There is none.
    Off,
    /// Everything was in it.
    Hit,
    /// Something was not, and came from the store.
    Miss,
    /// It was not asked, because the caller said so, or did not answer.
    Bypass,
}

impl CacheUse {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        }
    }
}

/// How fresh a read must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The cache will do.
    Cached,
    /// From the store (`Cache-Control: no-cache`).
    Stored,
}
