//! The keys of token buckets.

use std::fmt;

use crate::domain::digest::{hash, hexadecimal};
use crate::domain::{Caller, RateLimitClass};

/// The key of a bucket: `TENANT#CALLER#CLASS`. The caller is a hash of the subject, which may be an e-mail
/// address that must not be in keys or logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BucketKey(String);

impl BucketKey {
    /// The key of a caller's bucket.
    pub fn new(caller: &Caller, class: RateLimitClass) -> Self {
        Self(format!(
            "{}#{}#{}",
            caller.tenant,
            hexadecimal(&hash(&[caller.subject.as_bytes()])),
            class.as_str()
        ))
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
