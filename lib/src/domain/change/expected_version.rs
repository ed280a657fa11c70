//! Which version of a resource a change was computed from.

use crate::domain::Version;

/// The most versions that a change may be made at: DynamoDB's limit for the operands of `IN`.
pub const MAX_EXPECTED_VERSIONS: usize = 100;

/// The versions at which a change may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedVersion {
    /// At whichever version the resource is.
    Any,
    /// Only at one of these; at none of them when there are none.
    OneOf(Vec<Version>),
}

impl ExpectedVersion {
    /// Whether a change may be made at `version`.
    pub fn allows(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
