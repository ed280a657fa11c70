//! How a document's local references are followed.

use serde_json::Value;

/// More hops than any generator makes: a chain this long is a circle.
const MAX_HOPS: usize = 50;

/// Gives the text of the reference that a value is, if it is one.
fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// Gives the reference that a value is in the old document and in the new one, if that is the same: what
/// changed is then the component, and not what refers to it.
pub(super) fn shared_reference<'a>(old: &'a Value, new: &Value) -> Option<&'a str> {
    reference(old).filter(|text| reference(new) == Some(text))
}

/// Takes a local reference (`#/components/schemas/Order`) and gives what it points at in the document.
pub(super) fn target<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(&percent_decoded(reference.strip_prefix('#')?)?)
}

/// Gives the value itself, or what its chain of references ends in. A reference that leads nowhere gives
/// null, so that its members count as gone.
pub(super) fn behind<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let mut current = value;
    for _ in 0..MAX_HOPS {
        match reference(current) {
            None => return current,
            Some(text) => current = target(document, text).unwrap_or(&Value::Null),
        }
    }
    &Value::Null
}

/// Takes a URI fragment (`/paths/~1orders~1%7Bid%7D`) and gives the JSON pointer it spells.
fn percent_decoded(fragment: &str) -> Option<String> {
    let mut parts = fragment.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}
