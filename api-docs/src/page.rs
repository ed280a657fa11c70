//! The texts of the page and the document: how the API is used, its problem types, and how it changes.

use std::fmt::Write as _;

use resource_api::domain::Kinds;
use resource_api::http::problem::{PROBLEM_TYPES, ProblemType, reason_phrase};

use crate::fault_codes::FAULT_CODES;

/// What holds for every operation, in Markdown: a heading and a text each.
const TOPICS: &[(&str, &str)] = &[
    (
        "Access",
        "Send a JWT as `Authorization: Bearer`. Its claim `role` decides what the caller may do, and `tenant` whose data it \
         works with. `/health`, `/docs` and `/openapi.json` need no token.",
    ),
    (
        "Bodies",
        "A successful response is `{\"success\": true, \"data\": …}`; lists add `pagination`. An error is a problem (RFC 9457) with \
         `\"success\": false` and a machine-readable `code`, which its `type` leads to on the page `/docs`. \
         Errors that the gateway raises itself (its throttle, its body limit) are `{\"message\": …}`. Server-owned fields in \
         a request are ignored, so a response can be sent back; any other unknown field is an error. A body has at most 1 MiB, \
         that of a batch 4 MiB; a stored resource has at most 397 KB.",
    ),
    (
        "Pages",
        "Follow `pagination.next_cursor` until it is null: only that marks the last page. A page can have fewer entries than \
         `limit`, or none, before the last page.",
    ),
    (
        "Lost updates",
        "Every resource has a `version`, and its entity tag is the version in quotes. Send it as `If-Match` with a change: if \
         somebody else changed the resource in between, the response is a 412, and nothing is changed.",
    ),
    (
        "Retries",
        "Send a new `Idempotency-Key` with each change. If the response is lost, or is a 503, send the same request with the \
         same key: the change is made once, and the response is the first one, with `Idempotent-Replayed: true`. Keys are \
         kept for 24 hours.",
    ),
    (
        "Rate limits",
        "Every caller has a token bucket for reads and one for writes. `RateLimit-Policy` and `RateLimit` report their state. \
         `Retry-After` in a 429 says how many seconds to wait.",
    ),
    (
        "Versions",
        "The API changes compatibly: [what may change, and how it is announced](/docs#versions). Every `code` of an error is \
         described [in a table](/docs#problems).",
    ),
];

/// How the API changes: paragraphs of the page.
const VERSIONS: &[&str] = &[
    "Paths carry no version number, because changes are backward compatible. These may come without notice, and clients must accept \
     them: new paths, methods, optional parameters and optional members of requests; new members and headers of responses; new \
     error statuses, problem codes and fault codes; other texts of `error`, `title`, `detail` and `message`; another form of \
     cursors; another order of members.",
    "Breaking changes are announced, new values of a choice or a status among them. Anything that will be removed or restricted is \
     marked `deprecated` in the OpenAPI document, and its responses have the headers `Deprecation` (RFC 9745: since when) and `Sunset` (RFC 8594: until when), and a \
     `Link` with `rel=\"deprecation\"` to what replaces it.",
    "At least 180 days lie between `Deprecation` and `Sunset`. Until then, what is deprecated works as before.",
];

/// The description of the document, in Markdown.
pub(crate) fn introduction() -> String {
    let mut text = "A REST API that stores resources, on AWS Lambda and DynamoDB.\n".to_owned();
    for (heading, topic) in TOPICS {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {heading}\n\n{topic}\n");
    }
    text
}

/// The sections of the page below the operations, in HTML. The row of a problem type has the anchor that
/// `type` names.
pub(crate) fn sections(kinds: Kinds) -> String {
    let mut html = String::from(
        "<section id=\"problems\">\n<h2>Problems</h2>\n\
         <p>Every error has one of these codes. Its <code>type</code> leads here.</p>\n<table>\n<thead><tr>\
         <th scope=\"col\">Code</th><th scope=\"col\">Status</th><th scope=\"col\">Cause</th><th scope=\"col\">What to do</th>\
         </tr></thead>\n<tbody>\n",
    );
    for it in PROBLEM_TYPES {
        let _ = writeln!(
            html,
            "<tr id=\"{code}\"><td><code>{code}</code></td><td>{status} {phrase}</td><td>{cause}</td><td>{remedy}</td></tr>",
            code = it.code,
            status = it.status.as_u16(),
            phrase = reason_phrase(it.status),
            cause = inline(it.cause),
            remedy = inline(it.remedy),
        );
    }
    html.push_str("</tbody>\n</table>\n</section>\n");
    html.push_str(&faults(kinds));
    html.push_str("<section id=\"versions\">\n<h2>Versions</h2>\n");
    for paragraph in VERSIONS {
        let _ = writeln!(html, "<p>{}</p>", inline(paragraph));
    }
    html.push_str("</section>\n");
    html
}

/// The codes of faults, in HTML.
fn faults(kinds: Kinds) -> String {
    let mut html = String::from(
        "<section id=\"faults\">\n<h2>Faults</h2>\n<p>Each entry of <code>details</code> has one of these codes, and says where \
         the fault is. Correct it, and send the request again.</p>\n<dl>\n",
    );
    let of_rules = kinds.iter().flat_map(|kind| kind.rule_codes);
    for (code, meaning) in FAULT_CODES.iter().chain(of_rules) {
        let _ = writeln!(html, "<dt><code>{code}</code></dt><dd>{}</dd>", inline(meaning));
    }
    html.push_str("</dl>\n</section>\n");
    html
}

/// The problem types as a table in Markdown.
pub fn problem_table() -> String {
    let mut table = "| status | `code` | cause | what to do |\n| --- | --- | --- | --- |\n".to_owned();
    for ProblemType { code, status, cause, remedy, .. } in PROBLEM_TYPES {
        let _ = writeln!(table, "| {} | `{code}` | {cause} | {remedy} |", status.as_u16());
    }
    table
}

/// Converts a line of Markdown to HTML. Only code spans are converted.
fn inline(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let parts = escaped.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 0 { part.to_owned() } else { format!("<code>{part}</code>") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_row_for_each_problem_type() {
        let html = sections(Kinds::of(&[]));
        for it in PROBLEM_TYPES {
            assert!(html.contains(&format!("<tr id=\"{}\">", it.code)), "{}", it.code);
        }
    }

    #[test]
    fn code_is_marked_and_everything_else_is_text() {
        assert_eq!(inline("`a<b` & \"c\""), "<code>a&lt;b</code> &amp; &quot;c&quot;");
    }
}
