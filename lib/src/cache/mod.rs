//! Cache-aside for reads by id, in a Redis or Valkey server that all functions share. Never an error: where the cache
//! does not answer in time, the store does.

mod connection;
mod entry;
mod invalidation;
mod keys;
mod reads;
mod server;

pub use reads::CachedResources;
pub use server::Cache;

/// How fresh a read must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The cache will do.
    Cached,
    /// From the store (`Cache-Control: no-cache`).
    Stored,
}
