//! IAM permissions on DynamoDB, as the template grants them to a function.

/// The permission to perform one action on one table or its indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IamPermission {
    /// The IAM action without its prefix: `GetItem`.
    pub action: &'static str,
    /// A table of the template by its logical id, or its indexes as `Table/index/*`.
    pub on: &'static str,
}

impl From<&IamPermission> for (&'static str, &'static str) {
    fn from(permission: &IamPermission) -> Self {
        (permission.action, permission.on)
    }
}
