//! Everything that can go wrong with a request, free of HTTP. `http/problem.rs` says it to the caller.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::Write as _;

use crate::domain::{Caller, Fault, Faults, Kind, Permission, Refusal, Role, Status, Version};

/// The cause of an error, for the log only.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a request was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body is no JSON document; with what is wrong with it.
    #[error("malformed JSON: {0}")]
    MalformedJson(String),
    /// The body is JSON but breaks rules.
    #[error("validation failed")]
    Validation(Faults),
    /// Query parameters are unknown, repeated or out of range.
    #[error("invalid query")]
    InvalidQuery(Faults),
    /// The cursor is not one of this list's.
    #[error("invalid cursor")]
    InvalidCursor,
    /// A header field cannot be read.
    #[error("invalid header")]
    InvalidHeader(Fault),
    /// The request has no bearer token.
    #[error("missing token")]
    MissingToken,
    /// The token, or the API key, is none of ours; with what is wrong with it, for the log.
    #[error("invalid token: {0}")]
    InvalidToken(Cow<'static, str>),
    /// The caller's role does not have a permission.
    #[error("{}", forbidden_message(*role, *permission, kind))]
    Forbidden {
        /// The role.
        role: Role,
        /// The permission that it lacks.
        permission: Permission,
        /// On resources of which kind.
        kind: &'static str,
    },
    /// The caller has used up its requests for now.
    #[error("rate limited for {retry_after_seconds} s")]
    RateLimited {
        /// After how many seconds the same request passes.
        retry_after_seconds: u64,
    },
    /// No route has the path of the request.
    #[error("no such path")]
    NoSuchPath,
    /// The path has other methods; these, by comma.
    #[error("method not allowed")]
    MethodNotAllowed(String),
    /// There is no such resource for this caller.
    #[error("not found")]
    NotFound,
    /// The resource is not at a version that the caller asked for.
    #[error("precondition failed at version {current}")]
    PreconditionFailed {
        /// The version it is at.
        current: Version,
    },
    /// The body, or the resource that it would make, is larger than can be kept; with the limit that it passes.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The body is of a media type that is not read here; with those that are.
    #[error("unsupported media type")]
    UnsupportedMediaType(&'static [&'static str]),
    /// What was asked for does not fit the resource's state; with the reason.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The status does not become that one.
    #[error("invalid transition")]
    InvalidTransition {
        /// The status that the resource has.
        from: Status,
        /// The one that it should get.
        to: Status,
        /// What it may become.
        allowed: &'static [&'static str],
    },
    /// Another resource has a unique value that this one would have; with a fault for each of its fields.
    #[error("already exists")]
    AlreadyExists(Faults),
    /// Targets of references that must exist do not; with a fault for each reference.
    #[error("reference not found")]
    ReferenceNotFound(Faults),
    /// Another write of the same resource came first, at each attempt.
    #[error("other writes came first")]
    WriteConflict,
    /// The idempotency key stands for another request.
    #[error("idempotency key reused")]
    KeyReused,
    /// Operations of a batch cannot be done: the error of the first, and all that is wrong.
    #[error("a batch failed: {first}")]
    Batch {
        /// The error of the first operation that failed.
        first: Box<Error>,
        /// What is wrong with each that failed.
        details: Faults,
    },
    /// What is needed does not answer, or asks for patience: the same request may succeed later.
    #[error("unavailable")]
    Unavailable(#[source] Cause),
    /// A defect, of the program or of its deployment.
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

/// What is said of a status that does not become another.
pub(crate) fn transition_message(from: Status, to: Status, allowed: &[&str]) -> String {
    let (from, to) = (from.as_str(), to.as_str());
    match allowed {
        [] => format!("The status {from} is final: it cannot become {to}"),
        allowed => format!("The status {from} cannot become {to}; it can become {}", allowed.join(" or ")),
    }
}

/// What is said of a permission that a role does not have.
pub(crate) fn forbidden_message(role: Role, permission: Permission, kind: &str) -> String {
    if role == Role::Unknown {
        return "The caller has none of the roles of this API, and so no permission".to_owned();
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

    /// That a caller does not have a permission on the resources of a kind.
    pub(crate) fn forbidden(caller: &Caller, permission: Permission, kind: &Kind) -> Self {
        Self::Forbidden { role: caller.role, permission, kind: kind.name }
    }

    /// A defect, by its message or by the error that shows it.
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
