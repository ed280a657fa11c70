//! Helpers for JSON request bodies.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::domain::{Fault, Faults, Pointer};

/// The largest body that is read, in bytes. A resource has at most 400 KB, and escapes in JSON make it
/// longer.
pub const MAX_BODY_LENGTH: usize = 1024 * 1024;

/// The members of a body, which must be an object.
pub(in crate::domain) fn into_object(body: Value) -> Result<Map<String, Value>, Faults> {
    match body {
        Value::Object(object) => Ok(object),
        other => Err(Faults::of(wrong_type(&Pointer::Root, "an object", &other))),
    }
}

/// A fault for a JSON value of another type than expected.
pub(in crate::domain) fn wrong_type(at: &Pointer<'_>, expected: &str, got: &Value) -> Fault {
    let got = match got {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Fault::body(at, "wrong_type", format!("Expected {expected}, got {got}"))
}

/// Adds a fault for each unknown member of the object at a place, in the order of their names.
pub(in crate::domain) fn unknown_members<'a>(
    at: &Pointer<'_>,
    names: impl Iterator<Item = &'a String>,
    message: &str,
    faults: &mut Faults,
) {
    let names: BTreeSet<&String> = names.collect();
    for name in names {
        faults.add(|| Fault::body(&at.member(name), "unknown_field", message));
    }
}
