//! What JSON bodies have in common.

use serde_json::{Map, Value};

use super::Fault;

/// The members of a body, which must be an object.
pub(super) fn into_object(body: Value) -> Result<Map<String, Value>, Vec<Fault>> {
    match body {
        Value::Object(object) => Ok(object),
        other => Err(vec![wrong_type("", "an object", &other)]),
    }
}

/// A fault for a JSON value of another type than expected.
pub(super) fn wrong_type(pointer: &str, expected: &str, got: &Value) -> Fault {
    let got = match got {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Fault::body(pointer, "wrong_type", format!("Expected {expected}, got {got}"))
}
