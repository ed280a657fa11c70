//! Leave to call DynamoDB, as the template gives it to a function.

/// Leave to make one kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The IAM action without its prefix: `GetItem`.
    pub action: &'static str,
    /// What it is for: a table of the template by its logical id, or one of its indexes as `Table/index/name`.
    pub on: &'static str,
}
