//! Maps errors to problem details (RFC 9457) with the members of the envelope. No other module maps errors to
//! status codes.

mod problem_type;

use std::borrow::Cow;

use lambda_http::http::StatusCode;
use lambda_http::http::header::{ALLOW, CONTENT_TYPE, ETAG, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

pub use self::problem_type::*;
use super::{Response, etag};
use crate::Error;
use crate::domain::{Fault, Faults, Role};
use crate::error::{forbidden_message, transition_message};

/// `Retry-After` of a 503, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";

#[derive(Serialize)]
struct Problem<'a> {
    success: bool,
    error: &'static str,
    code: &'static str,
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Faults::is_empty")]
    details: &'a Faults,
}

/// The response to a request that failed. `instance` is its path.
pub(super) fn response(error: &Error, instance: &str, request_id: &str) -> Response {
    let ProblemType { code, status, error: text, .. } = problem_type(error);
    let details = details(error);
    let problem = Problem {
        success: false,
        error: if matches!(error, Error::NoSuchPath) { "No such path" } else { text },
        code,
        r#type: format!("/docs#{code}"),
        title: reason_phrase(*status),
        status: status.as_u16(),
        detail: &detail(error, &details),
        instance,
        request_id,
        details: &details,
    };
    let response = Response::json(*status, &problem).unwrap_or_else(|_| Response::empty(*status));
    let response = response.with_header(CONTENT_TYPE, "application/problem+json");
    match error {
        Error::MissingToken => response.with_header(WWW_AUTHENTICATE, "Bearer"),
        Error::InvalidToken(_) => response.with_header(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""),
        Error::RateLimited { retry_after_seconds } => {
            response.with_header(RETRY_AFTER, &retry_after_seconds.to_string())
        }
        Error::MethodNotAllowed(methods) => response.with_header(ALLOW, methods),
        Error::PreconditionFailed { current } => response.with_header(ETAG, &etag(*current)),
        Error::Unavailable(_) | Error::WriteConflict => {
            response.with_header(RETRY_AFTER, RETRY_AFTER_SECONDS)
        }
        _ => response,
    }
}

/// The reason phrase of a status (RFC 9110, section 15).
pub fn reason_phrase(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Content Too Large",
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Content",
        status => status.canonical_reason().unwrap_or_default(),
    }
}

/// The problem type of an error.
pub(super) fn problem_type(error: &Error) -> &'static ProblemType {
    match error {
        Error::MalformedJson(_) => MALFORMED_JSON,
        Error::Validation(_) => VALIDATION_FAILED,
        Error::InvalidQuery(_) => INVALID_QUERY,
        Error::InvalidCursor => INVALID_CURSOR,
        Error::InvalidHeader(_) => INVALID_HEADER,
        Error::MissingToken => MISSING_TOKEN,
        Error::InvalidToken(_) => INVALID_TOKEN,
        Error::Forbidden { .. } => FORBIDDEN,
        Error::RateLimited { .. } => RATE_LIMITED,
        Error::NotFound | Error::NoSuchPath => NOT_FOUND,
        Error::MethodNotAllowed(_) => METHOD_NOT_ALLOWED,
        Error::PreconditionFailed { .. } => PRECONDITION_FAILED,
        Error::Conflict(_) => CONFLICT,
        Error::InvalidTransition { .. } => INVALID_TRANSITION,
        Error::AlreadyExists(_) => ALREADY_EXISTS,
        Error::ReferenceNotFound(_) => REFERENCE_NOT_FOUND,
        Error::KeyReused => IDEMPOTENCY_KEY_REUSED,
        Error::Batch { first, .. } => problem_type(first),
        Error::TooLarge(_) => CONTENT_TOO_LARGE,
        Error::UnsupportedMediaType(_) => UNSUPPORTED_MEDIA_TYPE,
        Error::Unavailable(_) | Error::WriteConflict => UNAVAILABLE,
        Error::Internal(_) => INTERNAL,
    }
}

/// The member `detail`, for people: what is wrong with this request, beyond its problem type.
fn detail<'a>(error: &'a Error, details: &'a Faults) -> Cow<'a, str> {
    match error {
        Error::Forbidden { role, permission, kind } => forbidden_message(*role, *permission, kind).into(),
        Error::RateLimited { retry_after_seconds } => {
            format!("The rate limit is exceeded; retry after {retry_after_seconds} s").into()
        }
        Error::MissingToken => "Send the header Authorization: Bearer with a token or an API key".into(),
        Error::InvalidToken(_) => {
            "The token is malformed, expired, not yet valid, signed with another key, or lacks a required claim; or the API key is \
             unknown, expired or revoked"
                .into()
        }
        Error::NotFound => "No resource with this id is visible to the caller".into(),
        Error::NoSuchPath => "The API has no such path".into(),
        Error::MethodNotAllowed(methods) => format!("Allowed methods: {methods}").into(),
        Error::PreconditionFailed { current } => format!("The resource is at version {current}").into(),
        Error::Conflict(message) => (*message).into(),
        Error::MalformedJson(message) | Error::TooLarge(message) => message.into(),
        Error::Unavailable(_) => {
            "The database did not respond in time; the request may have been carried out".into()
        }
        Error::WriteConflict => "Other writes of the same resource came first, at each attempt".into(),
        Error::Internal(_) => "The cause is in the log entry of this request".into(),
        _ => details.summary().into(),
    }
}

/// Whether the log has the message of an error, and not only its code: for internal errors, for refused
/// tokens, and for tokens that give no role.
pub(super) fn is_for_the_log(error: &Error) -> bool {
    matches!(error, Error::InvalidToken(_) | Error::Forbidden { role: Role::Unknown, .. })
        || problem_type(error).status.is_server_error()
}

/// The member `details`: every fault that was found. Causes of internal errors are not returned.
fn details(error: &Error) -> Cow<'_, Faults> {
    let code = problem_type(error).code;
    let one = |fault| Cow::Owned(Faults::of(fault));
    match error {
        Error::Validation(faults)
        | Error::InvalidQuery(faults)
        | Error::AlreadyExists(faults)
        | Error::ReferenceNotFound(faults) => Cow::Borrowed(faults),
        Error::Batch { details, .. } => Cow::Borrowed(details),
        Error::InvalidHeader(fault) => one(fault.clone()),
        Error::MalformedJson(message) | Error::TooLarge(message) => {
            one(Fault::body("", code, message.clone()))
        }
        Error::InvalidCursor => {
            let message = "A cursor is valid only for the list that returned it, with the same parameters";
            one(Fault::parameter("cursor", code, message))
        }
        Error::PreconditionFailed { .. } => {
            let message = "The resource is at another version, which the header ETag names";
            one(Fault::header("If-Match", code, message))
        }
        Error::UnsupportedMediaType(accepted) => {
            let message = format!("Expected {} in UTF-8", accepted.join(" or "));
            one(Fault::header("Content-Type", code, message))
        }
        Error::InvalidTransition { from, to, allowed } => {
            one(Fault::body("/status", code, transition_message(*from, *to, allowed)))
        }
        Error::Conflict(message) => one(Fault::body("", code, *message)),
        Error::KeyReused => {
            let message = "This key was already used for another request; use a new key for a new request";
            one(Fault::header("Idempotency-Key", code, message))
        }
        Error::MissingToken
        | Error::InvalidToken(_)
        | Error::Forbidden { .. }
        | Error::RateLimited { .. }
        | Error::NotFound
        | Error::NoSuchPath
        | Error::MethodNotAllowed(_)
        | Error::Unavailable(_)
        | Error::WriteConflict
        | Error::Internal(_) => Cow::Owned(Faults::default()),
    }
}
