//! How often a caller may ask: a token bucket for each tenant, caller and class, shared by all instances.

mod fallback;
mod key;
mod limit;
mod limiter;
mod memory;

pub use key::BucketKey;
pub use limit::{Attempt, Limit, Take};
pub use limiter::{Decision, Limiter};

/// What a request is counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// It changes nothing.
    Read,
    /// It may change something.
    Write,
}

impl Class {
    /// The name of its policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

#[cfg(test)]
mod tests;
