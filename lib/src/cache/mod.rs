//! Cache-aside for reads by id, in a Redis or Valkey server that all functions share. The cache causes no
//! errors: if it does not respond in time, reads are served from DynamoDB.

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
    /// From the cache or DynamoDB.
    Cached,
    /// From DynamoDB (`Cache-Control: no-cache`).
    Stored,
}
