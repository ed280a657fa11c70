//! Rate limits: a token bucket for each tenant, caller and class, shared by all instances. The arithmetic is
//! in `domain/rate_limit/bucket.rs`.

mod fallback;
mod limiter;
mod memory;

pub use limiter::{Decision, Limiter};

#[cfg(test)]
mod tests;
