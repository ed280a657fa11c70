//! Resolves a document's local references.

use serde_json::Value;

/// A longer chain of references is a circle.
const MAX_HOPS: usize = 50;

/// The text of a reference, if the value is one.
fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// The reference that a value is in both documents, if it is the same: a change is then one of the component.
pub(super) fn shared_reference<'a>(old: &'a Value, new: &Value) -> Option<&'a str> {
    reference(old).filter(|text| reference(new) == Some(text))
}

/// The target of a local reference (`#/components/schemas/Order`) in the document.
pub(super) fn target<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(&percent_decoded(reference.strip_prefix('#')?)?)
}

/// The value itself, or the end of its chain of references. It is null if a reference has no target, so that
/// its members count as removed.
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

/// The JSON Pointer in a URI fragment (`/paths/~1orders~1%7Bid%7D`).
fn percent_decoded(fragment: &str) -> Option<String> {
    let mut parts = fragment.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}
