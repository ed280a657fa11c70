//! Examples of errors.

use resource_api::http::problem::{ProblemType, reason_phrase};
use serde_json::{Value, json};

use super::REQUEST_ID;

/// A fault: the name of the member with its place, the place, and its code.
type ExampleFault = (&'static str, &'static str, &'static str);

/// Examples of problem types: the code, `detail`, and a fault of `details`.
const EXAMPLES: &[(&str, &str, Option<ExampleFault>)] = &[
    (
        "malformed_json",
        "EOF while parsing an object at line 1 column 14",
        Some(("pointer", "", "malformed_json")),
    ),
    ("validation_failed", "/name: name is needed", Some(("pointer", "/name", "required"))),
    (
        "invalid_query",
        "limit: Expected a whole number from 1 to 100",
        Some(("parameter", "limit", "invalid_value")),
    ),
    (
        "invalid_cursor",
        "cursor: A cursor is valid only for the list that returned it, with the same parameters",
        Some(("parameter", "cursor", "invalid_cursor")),
    ),
    (
        "invalid_header",
        "If-Match: Expected * or 1 to 100 entity tags separated by commas, like \"3\"",
        Some(("header", "If-Match", "invalid_value")),
    ),
    ("missing_token", "Send the header Authorization: Bearer with a token", None),
    (
        "invalid_token",
        "The token is malformed, expired, not yet valid, signed with another key, or lacks a required claim",
        None,
    ),
    ("forbidden", "The role user does not have the permission delete on resources", None),
    ("not_found", "No resource with this id is visible to the caller", None),
    ("conflict", "The resource is not deleted", Some(("pointer", "", "conflict"))),
    (
        "already_exists",
        "/email: Another resource has the same email",
        Some(("pointer", "/email", "already_exists")),
    ),
    (
        "reference_not_found",
        "/customer_id: This does not lead to a resource that the caller may see",
        Some(("pointer", "/customer_id", "reference_not_found")),
    ),
    (
        "invalid_transition",
        "/status: The status shipped is final: it cannot become open",
        Some(("pointer", "/status", "invalid_transition")),
    ),
    (
        "precondition_failed",
        "The resource is at version 3",
        Some(("header", "If-Match", "precondition_failed")),
    ),
    (
        "content_too_large",
        "A body has at most 1048576 bytes here",
        Some(("pointer", "", "content_too_large")),
    ),
    (
        "unsupported_media_type",
        "Content-Type: Expected application/json in UTF-8",
        Some(("header", "Content-Type", "unsupported_media_type")),
    ),
    (
        "idempotency_key_reused",
        "Idempotency-Key: This key was already used for another request; use a new key for a new request",
        Some(("header", "Idempotency-Key", "idempotency_key_reused")),
    ),
    ("rate_limited", "The rate limit is exceeded; retry after 1 s", None),
    ("internal", "The cause is in the log entry of this request", None),
    ("unavailable", "The database did not respond in time; the request may have been carried out", None),
];

/// An error of a type.
pub(crate) fn problem(problem_type: &ProblemType) -> Value {
    let ProblemType { code, status, error, cause, .. } = problem_type;
    let known = EXAMPLES.iter().find(|(of, ..)| of == code);
    let (detail, fault) = known.map_or((*cause, None), |(_, detail, fault)| (*detail, *fault));
    let mut problem = json!({
        "success": false, "error": error, "code": code, "type": format!("/docs#{code}"), "title": reason_phrase(*status),
        "status": status.as_u16(), "detail": detail, "instance": "/api/resources", "request_id": REQUEST_ID,
    });
    if let (Some((place, at, code)), Some(members)) = (fault, problem.as_object_mut()) {
        let message = detail.strip_prefix(at).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(detail);
        members.insert("details".to_owned(), json!([{ place: at, "code": code, "message": message }]));
    }
    problem
}
