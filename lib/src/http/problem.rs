//! Errors as the caller sees them: problem details (RFC 9457) with the envelope's members. The only place that
//! turns an error into a status.

use std::borrow::Cow;

use lambda_http::http::StatusCode;
use lambda_http::http::header::{ALLOW, CONTENT_TYPE, ETAG, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

use super::{Response, etag};
use crate::Error;
use crate::domain::{Fault, Faults};
use crate::error::transition_message;

/// How long a caller should wait before asking an unavailable store again, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";

#[derive(Serialize)]
struct Problem<'a> {
    success: bool,
    error: &'static str,
    code: &'static str,
    r#type: &'static str,
    title: &'static str,
    status: u16,
    instance: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Faults::is_empty")]
    details: &'a Faults,
}

/// The answer to a request for `instance`, a path, that failed.
pub(super) fn response(error: &Error, instance: &str, request_id: &str) -> Response {
    let (status, code, text) = classify(error);
    let problem = Problem {
        success: false,
        error: text,
        code,
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        instance,
        request_id,
        details: &details(error),
    };
    let response = Response::json(status, &problem).unwrap_or_else(|_| Response::empty(status));
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

/// The status, the `code` for programs and the `error` for people.
pub(super) fn classify(error: &Error) -> (StatusCode, &'static str, &'static str) {
    match error {
        Error::MalformedJson(_) => (StatusCode::BAD_REQUEST, "malformed_json", "Malformed JSON"),
        Error::Validation(_) => (StatusCode::BAD_REQUEST, "validation_failed", "Validation failed"),
        Error::InvalidQuery(_) => (StatusCode::BAD_REQUEST, "invalid_query", "Invalid query parameters"),
        Error::InvalidCursor => (StatusCode::BAD_REQUEST, "invalid_cursor", "Invalid cursor"),
        Error::InvalidHeader(_) => (StatusCode::BAD_REQUEST, "invalid_header", "Invalid header"),
        Error::MissingToken => (StatusCode::UNAUTHORIZED, "missing_token", "Missing authorization token"),
        Error::InvalidToken(_) => (StatusCode::UNAUTHORIZED, "invalid_token", "Invalid token"),
        Error::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Forbidden"),
        Error::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests"),
        Error::NotFound => (StatusCode::NOT_FOUND, "not_found", "Resource not found"),
        Error::NoSuchPath => (StatusCode::NOT_FOUND, "not_found", "No such path"),
        Error::MethodNotAllowed(_) => {
            (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed")
        }
        Error::PreconditionFailed { .. } => {
            (StatusCode::PRECONDITION_FAILED, "precondition_failed", "Precondition failed")
        }
        Error::Conflict(_) => (StatusCode::CONFLICT, "conflict", "Conflict"),
        Error::InvalidTransition { .. } => {
            (StatusCode::CONFLICT, "invalid_transition", "Invalid transition of the status")
        }
        Error::AlreadyExists(_) => (StatusCode::CONFLICT, "already_exists", "Already exists"),
        Error::ReferenceNotFound(_) => (StatusCode::CONFLICT, "reference_not_found", "Reference not found"),
        Error::KeyReused => {
            (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", "Idempotency key reused")
        }
        Error::Batch { first, .. } => classify(first),
        Error::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "content_too_large", "Content too large"),
        Error::UnsupportedMediaType(_) => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported media type")
        }
        Error::Unavailable(_) | Error::WriteConflict => {
            (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Service unavailable")
        }
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal server error"),
    }
}

/// Whether the log says more of an error than its code: what went wrong inside, and why a token was refused.
pub(super) fn is_for_the_log(error: &Error) -> bool {
    matches!(error, Error::InvalidToken(_)) || classify(error).0.is_server_error()
}

/// Every fault that was found. What went wrong inside is not for the caller.
fn details(error: &Error) -> Cow<'_, Faults> {
    let (_, code, _) = classify(error);
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
            let message = "A cursor is good only for the list that it came from, with the same parameters";
            one(Fault::parameter("cursor", code, message))
        }
        Error::PreconditionFailed { .. } => {
            let message = "The resource is at another version; ETag says which";
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
            let message = "This key stands for another request; use a new one for a new request";
            one(Fault::header("Idempotency-Key", code, message))
        }
        Error::MissingToken
        | Error::InvalidToken(_)
        | Error::Forbidden
        | Error::RateLimited { .. }
        | Error::NotFound
        | Error::NoSuchPath
        | Error::MethodNotAllowed(_)
        | Error::Unavailable(_)
        | Error::WriteConflict
        | Error::Internal(_) => Cow::Owned(Faults::default()),
    }
}
