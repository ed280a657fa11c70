//! Whose bucket it is.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{Caller, Class};

/// The key of a bucket: `TENANT#CALLER#CLASS`. The caller is a hash, for a subject is free text, and may be an e-mail
/// address that nobody should find in a key or a log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BucketKey(String);

impl BucketKey {
    /// The key of a caller's bucket.
    pub fn new(caller: &Caller, class: Class) -> Self {
        Self(format!("{}#{}#{}", caller.tenant, hashed(&caller.subject), class.as_str()))
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

/// SHA-256 of a subject, in hexadecimal.
fn hashed(subject: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(subject).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
