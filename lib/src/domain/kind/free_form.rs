//! Free-form objects: canonical numbers, and a limit for the depth.

use serde_json::{Map, Number, Value};

use super::read::{exact, refused};
use crate::domain::{Faults, Pointer};

/// The depth of a free-form object: how many objects and arrays may be nested, including itself.
pub const MAX_DEPTH: usize = 32;

/// A free-form object without its invalid values. `depth` counts it and the values that contain it.
pub(super) fn free_object(
    object: Map<String, Value>,
    at: &Pointer<'_>,
    depth: usize,
    faults: &mut Faults,
) -> Map<String, Value> {
    let member = |(name, value): (String, Value)| {
        let value = free_value(value, &at.member(&name), depth, faults);
        (name, value)
    };
    object.into_iter().map(member).collect()
}

/// A value inside `depth` objects and arrays.
fn free_value(value: Value, at: &Pointer<'_>, depth: usize, faults: &mut Faults) -> Value {
    match value {
        Value::Number(number) => match exact(&number, at, faults) {
            Some(text) => Value::Number(Number::from_string_unchecked(text)),
            None => Value::Null,
        },
        Value::Object(_) | Value::Array(_) if depth == MAX_DEPTH => {
            let message = format!("Objects and arrays may be nested {MAX_DEPTH} levels deep at most");
            refused(at, "too_deep", message, faults)
        }
        Value::Object(object) => Value::Object(free_object(object, at, depth + 1, faults)),
        Value::Array(items) => {
            let item = |(index, item): (usize, Value)| free_value(item, &at.item(index), depth + 1, faults);
            Value::Array(items.into_iter().enumerate().map(item).collect())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}
