//! Who is calling, and whose data they may see.

use std::fmt;

/// The owner of a set of resources: 1 to 64 of `A-Za-z0-9_-`. A tenant's data does not exist for any other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tenant(String);

impl Tenant {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// Reads a tenant's name; `None` for one that is none.
    pub fn parse(name: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let valid = (1..=Self::MAX_LENGTH).contains(&name.len()) && name.bytes().all(allowed);
        valid.then(|| Self(name.to_owned()))
    }

    /// The name as it stands in keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The party that makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose resources the caller works with.
    pub tenant: Tenant,
    /// The caller's name in `created_by` and `updated_by`.
    pub subject: String,
}

impl Caller {
    /// The caller of an API that is open to all.
    pub fn anonymous() -> Self {
        Self { tenant: Tenant::default(), subject: "anonymous".to_owned() }
    }
}
