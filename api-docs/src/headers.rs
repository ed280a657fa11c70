//! The header fields of responses. Each is described once, in the components.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ComponentsBuilder, Ref, RefOr, Response};

use crate::examples;
use crate::schemas::{of_type, one_of};

/// On every response.
pub(crate) const COMMON: &[&str] = &[
    "X-Request-Id",
    "Traceparent",
    "Cache-Control",
    "Vary",
    "Content-Encoding",
    "X-Content-Type-Options",
    "Strict-Transport-Security",
    "Access-Control-Allow-Origin",
    "RateLimit-Policy",
    "RateLimit",
];

/// Every header field: its name, its description, and an example.
const HEADERS: &[(&str, &str, &str)] = &[
    (
        "X-Request-Id",
        "The request's own `X-Request-Id`, or one that the API assigned. The log has it.",
        examples::REQUEST_ID,
    ),
    (
        "Traceparent",
        "The trace that the request belongs to (W3C Trace Context).",
        "00-79b0242fdc78491abf88e158ce4ed187-00f067aa0ba902b7-01",
    ),
    ("Cache-Control", "How the response may be stored (RFC 9111).", "no-store"),
    ("Vary", "The request headers that the response depends on.", "Authorization, Accept-Encoding"),
    ("X-Content-Type-Options", "`nosniff`", "nosniff"),
    (
        "Strict-Transport-Security",
        "Browsers use TLS only (RFC 6797). Not on the stage `local`.",
        "max-age=31536000",
    ),
    (
        "Access-Control-Allow-Origin",
        "The origin that may read the response. The gateway sets it on requests with an `Origin` that the deployment allows.",
        "https://app.example.com",
    ),
    (
        "RateLimit-Policy",
        "On responses to authenticated requests, the caller's token bucket: its class, `q` (its capacity in tokens) and `w` (the seconds in which an empty one fills). \
         draft-ietf-httpapi-ratelimit-headers",
        "\"read\";q=100;w=2",
    ),
    (
        "RateLimit",
        "What is left in the bucket: `r` (tokens) and `t` (seconds until there is one more).",
        "\"read\";r=57;t=1",
    ),
    ("Retry-After", "After how many seconds the same request can be sent again.", "1"),
    ("ETag", "The entity tag of this version: send it as `If-Match` or `If-None-Match`.", "\"2\""),
    ("Location", "The path of the new resource.", "/api/resources/019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071"),
    (
        "Link",
        "The next page, with `rel=\"next\"` (RFC 8288); missing on the last page.",
        "</api/resources?cursor=eyJhIjoiMDE5YTFiMmMifQ>; rel=\"next\"",
    ),
    ("WWW-Authenticate", "How to authenticate (RFC 6750).", "Bearer error=\"invalid_token\""),
    (
        "Idempotent-Replayed",
        "`true` if the response is that of an earlier request with the same key.",
        "true",
    ),
    (
        "X-Cache",
        "Whether the read was served from the cache. `bypass`: the cache was skipped or did not respond; `off`: no cache is configured.",
        "hit",
    ),
    ("Content-Encoding", "`gzip` if the client accepts it and the body has 1 KB or more.", "gzip"),
    ("Referrer-Policy", "The page tells no other site where a reader came from.", "no-referrer"),
    (
        "Content-Security-Policy",
        "What the page may load: only what comes from this origin.",
        "default-src 'none'",
    ),
];

/// Adds every header field to the components of a document.
pub(crate) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    HEADERS.iter().fold(components, |components, (name, text, example)| {
        let schema: ObjectBuilder = match *name {
            "X-Cache" => one_of(["hit", "miss", "bypass", "off"]).examples([*example]),
            "Retry-After" => crate::schemas::integer(1, 86_400).examples([1]),
            _ => of_type(Type::String).max_length(Some(4_096)).examples([*example]),
        };
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(*text)).build();
        components.header(*name, header)
    })
}

/// A response with these header fields.
pub(crate) fn with(mut response: Response, names: &[&str]) -> Response {
    for name in names {
        let header = RefOr::Ref(Ref::new(format!("#/components/headers/{name}")));
        response.headers.insert((*name).to_owned(), header);
    }
    response
}
