//! Entity tags and the conditional requests made with them (RFC 9110, sections 8.8.3 and 13.1).

use lambda_http::http::header::{IF_MATCH, IF_NONE_MATCH};
use lambda_http::http::{HeaderMap, HeaderName};

use crate::Error;
use crate::domain::{ExpectedVersion, Fault, MAX_EXPECTED_VERSIONS, Version};

/// The strong validator of a resource: its version in quotes.
pub fn etag(version: Version) -> String {
    format!("\"{version}\"")
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, PartialEq, Eq)]
enum Condition {
    /// `*`: any version.
    Anything,
    /// Entity tags with their quotes. Weak ones begin with `W/`.
    Tags(Vec<String>),
}

/// The versions at which `If-Match` allows a change. Weak tags never match (strong comparison), nor do tags
/// that are not a version.
pub(super) fn if_match(headers: &HeaderMap) -> Result<ExpectedVersion, Error> {
    Ok(condition(headers, &IF_MATCH, "If-Match")?.map_or(ExpectedVersion::Any, expected))
}

fn expected(condition: Condition) -> ExpectedVersion {
    match condition {
        Condition::Anything => ExpectedVersion::Any,
        Condition::Tags(tags) => ExpectedVersion::OneOf(tags.iter().filter_map(|tag| version(tag)).collect()),
    }
}

/// The precondition of an operation of a batch: one version, or a value of `If-Match`.
pub(super) fn expected_version(text: &str) -> Option<ExpectedVersion> {
    if let Some(version) = version(&format!("\"{text}\"")) {
        return Some(ExpectedVersion::OneOf(vec![version]));
    }
    read(text).map(expected)
}

/// Whether `If-None-Match` names `current` (weak comparison).
pub(super) fn if_none_match(headers: &HeaderMap, current: &str) -> Result<bool, Error> {
    Ok(match condition(headers, &IF_NONE_MATCH, "If-None-Match")? {
        None => false,
        Some(Condition::Anything) => true,
        Some(Condition::Tags(tags)) => {
            tags.iter().any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == current)
        }
    })
}

/// The version in an entity tag; `None` if it is not spelled as by [`etag`].
fn version(tag: &str) -> Option<Version> {
    let version = tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()?;
    (etag(version) == tag).then_some(version)
}

fn condition(
    headers: &HeaderMap,
    field: &HeaderName,
    name: &'static str,
) -> Result<Option<Condition>, Error> {
    let invalid = || {
        let message = format!("Expected * or 1 to {MAX_EXPECTED_VERSIONS} entity tags by comma, like \"3\"");
        Error::InvalidHeader(Fault::header(name, "invalid_value", message))
    };
    let Some(value) = headers.get(field) else { return Ok(None) };
    let text = value.to_str().map_err(|_| invalid())?;
    read(text).map(Some).ok_or_else(invalid)
}

/// Reads `*` or entity tags.
fn read(text: &str) -> Option<Condition> {
    match text.trim() {
        "*" => Some(Condition::Anything),
        tags => entity_tags(tags).map(Condition::Tags),
    }
}

/// Reads `#entity-tag`: 1 to 100 tags, empty list elements allowed (RFC 9110, section 5.6.1.2).
fn entity_tags(text: &str) -> Option<Vec<String>> {
    let mut tags = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return (!tags.is_empty()).then_some(tags);
        }
        let opaque = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let (inside, after) = opaque.split_once('"')?;
        let visible = inside.bytes().all(|byte| byte == 0x21 || (0x23..=0x7e).contains(&byte));
        if !visible || tags.len() == MAX_EXPECTED_VERSIONS {
            return None;
        }
        let (tag, _) = rest.split_at_checked(rest.len() - after.len())?;
        tags.push(tag.to_owned());
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}
