//! The errors of requests, free of HTTP. `http/problem/` maps them to responses.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::Write as _;

use crate::domain::{Caller, Fault, Faults, Kind, Permission, Refusal, Role, Status, Version};

/// The cause of an error, for the log only.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a request was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body is not a JSON document; with the reason.
    #[error("malformed JSON: {0}")]
    MalformedJson(String),
    /// The body is JSON but breaks rules.
    #[error("validation failed")]
    Validation(Faults),
    /// Query parameters are unknown, repeated or out of range.
    #[error("invalid query")]
    InvalidQuery(Faults),
    /// The cursor does not belong to this list.
    #[error("invalid cursor")]
    InvalidCursor,
    /// A header field has the wrong syntax.
    #[error("invalid header")]
    InvalidHeader(Fault),
    /// The request has no bearer token.
    #[error("missing token")]
    MissingToken,
    /// The token or the API key is refused; with the reason, which is only logged.
    #[error("invalid token: {0}")]
    InvalidToken(Cow<'static, str>),
    /// The caller's role does not have a permission.
    #[error("{}", forbidden_message(*role, *permission, kind))]
    Forbidden {
        /// The role.
        role: Role,
        /// The permission that it lacks.
        permission: Permission,
        /// The kind of the resources.
        kind: &'static str,
    },
    /// The caller's token bucket has too few tokens.
    #[error("rate limited for {retry_after_seconds} s")]
    RateLimited {
        /// The number of seconds after which the same request is admitted.
        retry_after_seconds: u64,
    },
    /// No route has the path of the request.
    #[error("no such path")]
    NoSuchPath,
    /// The path does not have this method; with those that it has, separated by commas.
    #[error("method not allowed")]
    MethodNotAllowed(String),
    /// The resource does not exist, or is not visible to the caller.
    #[error("not found")]
    NotFound,
    /// The resource is at another version than the precondition requires.
    #[error("precondition failed at version {current}")]
    PreconditionFailed {
        /// Its current version.
        current: Version,
    },
    /// The body, the resource that it would make, or the response is too large; with a message that has the
    /// limit.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The media type of the body is not accepted; with those that are.
    #[error("unsupported media type")]
    UnsupportedMediaType(&'static [&'static str]),
    /// The request does not fit the state of the resource; with the reason.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The status cannot change to the requested one.
    #[error("invalid transition")]
    InvalidTransition {
        /// The current status.
        from: Status,
        /// The requested status.
        to: Status,
        /// The statuses to which it can change.
        allowed: &'static [&'static str],
    },
    /// Another resource has a value that must be unique; with a fault for each of its fields.
    #[error("already exists")]
    AlreadyExists(Faults),
    /// References that must exist point to resources that do not; with a fault for each reference.
    #[error("reference not found")]
    ReferenceNotFound(Faults),
    /// Concurrent writes of the same resource came first, at each attempt.
    #[error("other writes came first")]
    WriteConflict,
    /// The idempotency key was used for another request.
    #[error("idempotency key reused")]
    KeyReused,
    /// Operations of a batch failed.
    #[error("a batch failed: {first}")]
    Batch {
        /// The error of the first operation that failed.
        first: Box<Error>,
        /// The faults of all that failed.
        details: Faults,
    },
    /// A service failed, throttled the request or did not respond. The same request may succeed later.
    #[error("unavailable")]
    Unavailable(#[source] Cause),
    /// A defect of the program or of its deployment.
    #[error("internal error")]
    Internal(#[source] Cause),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::NotFound,
            Refusal::Stale(current) => Self::PreconditionFailed { current },
            Refusal::NotDeleted => Self::Conflict("The resource is not deleted"),
            Refusal::Invalid(faults) => Self::Validation(faults),
            Refusal::AlreadyExists(faults) => Self::AlreadyExists(faults),
            Refusal::ReferenceNotFound(faults) => Self::ReferenceNotFound(faults),
            Refusal::Defect(cause) => Self::defect(cause),
            Refusal::InvalidTransition { from, to, allowed } => Self::InvalidTransition { from, to, allowed },
        }
    }
}

/// The message for a status that cannot change to another.
pub(crate) fn transition_message(from: Status, to: Status, allowed: &[&str]) -> String {
    let (from, to) = (from.as_str(), to.as_str());
    match allowed {
        [] => format!("The status {from} is final: it cannot become {to}"),
        allowed => format!("The status {from} cannot become {to}; it can become {}", allowed.join(" or ")),
    }
}

/// The message for a role that does not have a permission.
pub(crate) fn forbidden_message(role: Role, permission: Permission, kind: &str) -> String {
    if role == Role::Unknown {
        return "The caller has no role of this API, and so no permissions".to_owned();
    }
    format!("The role {} does not have the permission {} on {kind}", role.as_str(), permission.as_str())
}

impl Error {
    /// Requires that a caller has a permission on the resources of a kind.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub(crate) fn unless_permitted(caller: &Caller, permission: Permission, kind: &Kind) -> Result<(), Self> {
        if caller.may(permission, kind) { Ok(()) } else { Err(Self::forbidden(caller, permission, kind)) }
    }

    /// The error for a caller without a permission on the resources of a kind.
    pub(crate) fn forbidden(caller: &Caller, permission: Permission, kind: &Kind) -> Self {
        Self::Forbidden { role: caller.role, permission, kind: kind.name }
    }

    /// A defect, from a message or an error.
    pub fn defect(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    /// The error and what caused it, outermost first, for one line of the log.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            // Writing to a string cannot fail.
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        text
    }
}
