//! The parameters that are the same for all kinds.

use resource_api::domain::{
    DEFAULT_LIMIT, DEFAULT_RESULTS, MAX_LIMIT, MAX_OFFSET, MAX_QUERY_LENGTH, MAX_RESULTS, MAX_SUBJECT_LENGTH,
};
use serde_json::json;
use utoipa::openapi::ComponentsBuilder;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::forms::{deep, header, path, query, required};
use crate::examples;
use crate::schemas::{self, formatted, id, integer, of_type};

/// Entity tags, separated by commas, or `*`.
pub(crate) const ENTITY_TAGS: &str =
    r#"^[ \t]*(?:\*|(?:[ \t]*,)*[ \t]*(?:W/)?"[!#-~]*"(?:[ \t]*,(?:[ \t]*(?:W/)?"[!#-~]*")?)*)[ \t]*$"#;
/// Visible ASCII characters, or a string of structured fields.
const KEY: &str = r#"^(?:[!#-~][!-~]{0,254}|"(?:[!#-\[\]-~]|\\["\\]){1,255}")$"#;

/// Adds the parameters that are the same for all kinds to the components of a document.
pub(crate) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    let shared = page().into_iter().chain(others()).chain(preconditions()).chain(tracing());
    shared.fold(components, |components, (name, parameter)| components.parameter(name, parameter))
}

/// A whole number within bounds, with a default.
fn number(least: isize, most: usize, default: usize) -> ObjectBuilder {
    integer(least, isize::try_from(most).unwrap_or(isize::MAX)).default(Some(json!(default)))
}

/// The parameters of pages.
fn page() -> Vec<(&'static str, Parameter)> {
    vec![
        (
            "Limit",
            query(
                "limit",
                number(1, MAX_LIMIT, DEFAULT_LIMIT),
                "How many entries a page may have.",
                json!(20),
            ),
        ),
        (
            "SearchLimit",
            query(
                "limit",
                number(1, MAX_RESULTS, DEFAULT_RESULTS),
                "How many results there may be.",
                json!(10),
            ),
        ),
        (
            "Cursor",
            query(
                "cursor",
                of_type(Type::String).min_length(Some(1)).max_length(Some(4096)),
                "`next_cursor` of the page before. It is valid for the same list only: keep all other parameters except `limit`.",
                json!(examples::CURSOR),
            ),
        ),
        (
            "Offset",
            query(
                "offset",
                integer(0, isize::try_from(MAX_OFFSET).unwrap_or(isize::MAX)),
                "How many entries to skip; none if it is left out. Cannot be combined with `cursor`. Prefer `cursor`: it has no maximum and costs less.",
                json!(0),
            ),
        ),
    ]
}

/// The other parameters in paths and queries.
fn others() -> Vec<(&'static str, Parameter)> {
    let times = || schemas::ranges(formatted("date-time").into());
    let since = json!({ "gte": examples::CREATED_AT });
    vec![
        ("Id", path("id", id(), "The id of the resource. An id that is not a UUID gets a 404.")),
        (
            "CreatedAt",
            deep(
                "created_at",
                times(),
                "The creation time (RFC 3339), or a range such as `{\"gte\": \"2026-11-25T00:00:00Z\"}`.",
                since.clone(),
            ),
        ),
        (
            "UpdatedAt",
            deep("updated_at", times(), "The time of the last change (RFC 3339), or a range.", since),
        ),
        (
            "CreatedBy",
            query(
                "created_by",
                of_type(Type::String).min_length(Some(1)).max_length(Some(MAX_SUBJECT_LENGTH)),
                "The `sub` of who created it.",
                json!(examples::SUBJECT),
            ),
        ),
        (
            "Purge",
            query(
                "purge",
                of_type(Type::Boolean).default(Some(json!(false))),
                "Whether to remove it for good, also if it is deleted already. For admins.",
                json!(false),
            ),
        ),
        (
            "Q",
            required(query(
                "q",
                of_type(Type::String).min_length(Some(1)).max_length(Some(MAX_QUERY_LENGTH)),
                "Words, or beginnings of words, all of which must be found: at least one letter or digit.",
                json!("field notes"),
            )),
        ),
    ]
}

/// The headers of preconditions and idempotency.
fn preconditions() -> Vec<(&'static str, Parameter)> {
    vec![
        (
            "IfMatch",
            header(
                "If-Match",
                of_type(Type::String).pattern(Some(ENTITY_TAGS)),
                "The entity tags of the versions at which the change may be made, by comma, 100 at most; `*` for any. If the resource is at \
                 another version, the response is a 412.",
                json!("\"2\""),
            ),
        ),
        (
            "IfNoneMatch",
            header(
                "If-None-Match",
                of_type(Type::String).pattern(Some(ENTITY_TAGS)),
                "The entity tags that the client has, by comma, 100 at most; `*` for any. If the current one is among them, the response is a 304.",
                json!("\"1\""),
            ),
        ),
        (
            "IdempotencyKey",
            header(
                "Idempotency-Key",
                of_type(Type::String).pattern(Some(KEY)).min_length(Some(1)).max_length(Some(512)),
                "A key of 1 to 255 visible ASCII characters that is new for each change, for example a UUID. The same request \
                 with the same key gets the first response again for 24 hours, and changes nothing.",
                json!("8e03978e-40d5-43dd-bc93-6894a57f9324"),
            ),
        ),
    ]
}

/// The headers of caching and tracing.
fn tracing() -> Vec<(&'static str, Parameter)> {
    vec![
        (
            "CacheControl",
            header(
                "Cache-Control",
                any_header(),
                "`no-cache` reads past the cache. Lists are never cached.",
                json!("no-cache"),
            ),
        ),
        (
            "XRequestId",
            header(
                "X-Request-Id",
                any_header(),
                "An id for this request, of 1 to 128 visible ASCII characters; the response and the log have it. Anything else \
                 is replaced.",
                json!(examples::REQUEST_ID),
            ),
        ),
        (
            "Traceparent",
            header(
                "Traceparent",
                any_header(),
                "The trace that the request continues (W3C Trace Context).",
                json!("00-79b0242fdc78491abf88e158ce4ed187-00f067aa0ba902b7-01"),
            ),
        ),
    ]
}

/// A header field that may have any value of any length.
fn any_header() -> ObjectBuilder {
    of_type(Type::String)
}
