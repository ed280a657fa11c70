//! The problem types (RFC 9457, section 3.1): every `code` of an error, with its status, its cause and what a
//! client does about it. Responses, the `OpenAPI` document, its page and the table in docs/api.md are made
//! from this list.

use lambda_http::http::StatusCode;

/// A problem type.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// The member `code`, and the fragment of `type`.
    pub code: &'static str,
    /// The status of the response.
    pub status: StatusCode,
    /// The member `error`: what it is, in a few words.
    pub error: &'static str,
    /// What causes it.
    pub cause: &'static str,
    /// What a client does about it.
    pub remedy: &'static str,
}

/// Declares the constants of problem types, and the table of them all.
macro_rules! problem_types {
    ($($name:ident: $status:ident, $code:literal, $error:literal, $cause:literal, $remedy:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`")]
            pub const $name: &ProblemType = &ProblemType {
                code: $code,
                status: StatusCode::$status,
                error: $error,
                cause: $cause,
                remedy: $remedy,
            };
        )*

        /// Every problem type, by status.
        pub const PROBLEM_TYPES: &[&ProblemType] = &[$($name),*];
    };
}

problem_types! {
    MALFORMED_JSON: BAD_REQUEST, "malformed_json", "Malformed JSON",
        "The body is not a JSON document in UTF-8, is nested more than 127 levels deep, or has duplicate member names in an object.",
        "Correct the body. `detail` says what is wrong with it.";
    VALIDATION_FAILED: BAD_REQUEST, "validation_failed", "Validation failed",
        "The body breaks rules of the schema, or a rule between fields.",
        "Correct what `details` lists: each entry has the JSON Pointer of a member, a code and a message.";
    INVALID_QUERY: BAD_REQUEST, "invalid_query", "Invalid query parameters",
        "A query parameter is unknown, repeated, out of range, or contradicts another; or too many resources would have to be sorted.",
        "Correct what `details` lists: each entry names a parameter.";
    INVALID_CURSOR: BAD_REQUEST, "invalid_cursor", "Invalid cursor",
        "The cursor was not returned by this list with the same parameters, for the same tenant and the same role.",
        "Start again without `cursor`. Pass cursors on unchanged, and keep all other parameters but `limit`.";
    INVALID_HEADER: BAD_REQUEST, "invalid_header", "Invalid header",
        "`If-Match`, `If-None-Match` or `Idempotency-Key` does not have the required syntax, or has more than 100 entity tags.",
        "Correct the header that `details` names.";
    MISSING_TOKEN: UNAUTHORIZED, "missing_token", "Missing authorization token",
        "The request has no `Authorization: Bearer` header.",
        "Send a token or an API key.";
    INVALID_TOKEN: UNAUTHORIZED, "invalid_token", "Invalid token",
        "The token is malformed, expired, not yet valid, signed with another key, or lacks a required claim; or the API key is unknown, expired or revoked.",
        "Get a new token, or another API key, and send the request again.";
    FORBIDDEN: FORBIDDEN, "forbidden", "Forbidden",
        "The caller's role does not have the permission that the request needs. `detail` names it.",
        "Do not retry. Use a token whose role has the permission.";
    NOT_FOUND: NOT_FOUND, "not_found", "Resource not found",
        "The path, or the resource, does not exist, is deleted, or is not visible to the caller.",
        "Check the path and the id. Deleted resources can be restored for some time.";
    METHOD_NOT_ALLOWED: METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed",
        "The path exists, but does not have this method.",
        "Use a method that the header `Allow` lists.";
    CONFLICT: CONFLICT, "conflict", "Conflict",
        "The request does not fit the state of the resource, for example if it restores a resource that is not deleted.",
        "Read the resource, and decide again.";
    ALREADY_EXISTS: CONFLICT, "already_exists", "Already exists",
        "Another resource has a value that must be unique.",
        "Use another value in the fields that `details` lists, or change the resource that has it.";
    REFERENCE_NOT_FOUND: CONFLICT, "reference_not_found", "Reference not found",
        "A reference that must exist points to a resource that does not exist, or that is not visible to the caller.",
        "Create the target first, or correct the ids that `details` points at.";
    INVALID_TRANSITION: CONFLICT, "invalid_transition", "Invalid transition of the status",
        "The status cannot change from its present value to the requested one.",
        "Choose one of the statuses that `detail` lists.";
    PRECONDITION_FAILED: PRECONDITION_FAILED, "precondition_failed", "Precondition failed",
        "The current version of the resource matches none in `If-Match`: it has changed since it was read.",
        "Read the resource again, apply the change to it, and send it with the new `ETag`.";
    CONTENT_TOO_LARGE: PAYLOAD_TOO_LARGE, "content_too_large", "Content too large",
        "The body, the resource that it would make, or the response is larger than the limit that `detail` names.",
        "Send less, or ask for less with `fields` or `limit`.";
    UNSUPPORTED_MEDIA_TYPE: UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported media type",
        "`Content-Type` is missing, or is not one that the operation takes.",
        "Send a media type that `detail` lists, in UTF-8.";
    IDEMPOTENCY_KEY_REUSED: UNPROCESSABLE_ENTITY, "idempotency_key_reused", "Idempotency key reused",
        "The idempotency key was used for another request within the last 24 hours.",
        "Use a new key for a new request, and the same key only to repeat a request unchanged.";
    RATE_LIMITED: TOO_MANY_REQUESTS, "rate_limited", "Too many requests",
        "The caller's token bucket is empty.",
        "Wait for as many seconds as `Retry-After` says, then send the same request again.";
    INTERNAL: INTERNAL_SERVER_ERROR, "internal", "Internal server error",
        "A defect of the API or of its deployment.",
        "Report `request_id` to whoever runs the API: the log entry of the request has the cause.";
    UNAVAILABLE: SERVICE_UNAVAILABLE, "unavailable", "Service unavailable",
        "The database throttled the request, failed, or did not respond in time; or concurrent writes of the same resource came first, each time. The write may have been applied.",
        "Wait for as many seconds as `Retry-After` says. Repeat a write with the same `Idempotency-Key`, or read first.";
}
