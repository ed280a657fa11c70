//! The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

use lambda_http::http::{HeaderMap, HeaderName};

use crate::Error;
use crate::domain::Fault;

const FIELD: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest key, in characters.
const MAX_LENGTH: usize = 255;

/// The key of a request, if it has one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(value) = headers.get(FIELD) else { return Ok(None) };
    let key = value.to_str().ok().and_then(unquoted).filter(|key| {
        (1..=MAX_LENGTH).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    key.map(Some).ok_or_else(|| {
        let message = format!("A key has 1 to {MAX_LENGTH} visible ASCII characters");
        Error::InvalidHeader(Fault::header("Idempotency-Key", "invalid_value", message))
    })
}

/// Whether a request has a key, valid or not.
pub(super) fn is_there(headers: &HeaderMap) -> bool {
    headers.contains_key(FIELD)
}

/// A key: as it is, or a string of structured fields (RFC 9651, section 3.3.3).
fn unquoted(text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix('"') else { return Some(text.to_owned()) };
    let mut inside = rest.strip_suffix('"')?.chars();
    let mut key = String::new();
    while let Some(character) = inside.next() {
        match character {
            '"' => return None,
            '\\' => key.push(inside.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            character => key.push(character),
        }
    }
    Some(key)
}
