//! The versions of a resource at which a change may be applied.

use crate::domain::Version;

/// The most versions that a change may name: DynamoDB's limit for the operands of `IN`.
pub const MAX_EXPECTED_VERSIONS: usize = 100;

/// The versions at which a change may be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedVersion {
    /// Any version.
    Any,
    /// Only these versions; if the list is empty, none.
    OneOf(Vec<Version>),
}

impl ExpectedVersion {
    /// Whether a change may be applied at `version`.
    pub fn allows(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
