//! The types, the equality and the order of JSON values.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// The members of an object; none for anything else.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

/// The elements of an array; none for anything else.
pub(super) fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The JSON Schema type of a value. A number without a fraction is an integer, even if it is written as
/// `1.0`.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if is_integer(number) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether every value of the type `sent` is of the type `understood`.
pub(super) fn kind_fits(sent: &str, understood: &str) -> bool {
    sent == understood || (sent == "integer" && understood == "number")
}

/// Whether two values are equal in JSON Schema. `1` and `1.0` are, but not with `==`, since numbers keep
/// their spelling.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => order(one, other) == Some(Ordering::Equal),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, member)| other.get(name).is_some_and(|other| same(member, other)))
        }
        _ => one == other,
    }
}

/// The order of two numbers. Integers are compared exactly; a float of 64 bits would round them.
pub(super) fn order(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ if one == other => Some(Ordering::Equal),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

fn is_integer(number: &Number) -> bool {
    number.as_i128().is_some() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}
