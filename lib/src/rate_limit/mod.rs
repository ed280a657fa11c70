//! How often a caller may ask: a token bucket for each tenant, caller and class, shared by all instances. What a bucket
//! is stands in `domain/bucket.rs`.

mod fallback;
mod limiter;
mod memory;

pub use limiter::{Decision, Limiter};

#[cfg(test)]
mod tests;
