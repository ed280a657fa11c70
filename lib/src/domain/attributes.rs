//! A resource's free-form attributes: a JSON object of bounded depth whose numbers DynamoDB holds exactly.

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::{Fault, Faults, NumberError, Pointer, exact_decimal};

/// How many objects and arrays may be nested in each other, the attributes themselves being the first.
pub const MAX_DEPTH: usize = 32;

/// The attributes of a resource. Equal numbers have equal spellings, so that `==` compares values.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Attributes(Map<String, Value>);

impl Attributes {
    /// Takes an object from a request's body at some place, and adds a fault for each thing that cannot be kept.
    pub fn from_request(object: Map<String, Value>, at: &Pointer<'_>, faults: &mut Faults) -> Self {
        Self(checked_object(object, at, 1, faults))
    }

    /// Takes an object that was validated when it was stored.
    pub fn from_stored(object: Map<String, Value>) -> Self {
        Self(object)
    }

    /// The JSON object.
    pub fn as_object(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// An object without what is at fault; `depth` counts it and what it stands in.
fn checked_object(
    object: Map<String, Value>,
    at: &Pointer<'_>,
    depth: usize,
    faults: &mut Faults,
) -> Map<String, Value> {
    let member = |(name, value): (String, Value)| {
        let value = checked(value, &at.member(&name), depth, faults);
        (name, value)
    };
    object.into_iter().map(member).collect()
}

/// A value inside `depth` objects and arrays.
fn checked(value: Value, at: &Pointer<'_>, depth: usize, faults: &mut Faults) -> Value {
    match value {
        Value::Number(number) => checked_number(&number, at, faults),
        Value::Object(_) | Value::Array(_) if depth == MAX_DEPTH => {
            faults.add(|| {
                let message = format!("Objects and arrays may be nested {MAX_DEPTH} levels deep at most");
                Fault::body(at, "too_deep", message)
            });
            Value::Null
        }
        Value::Object(object) => Value::Object(checked_object(object, at, depth + 1, faults)),
        Value::Array(items) => {
            let item = |(index, item): (usize, Value)| checked(item, &at.item(index), depth + 1, faults);
            Value::Array(items.into_iter().enumerate().map(item).collect())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

fn checked_number(number: &Number, at: &Pointer<'_>, faults: &mut Faults) -> Value {
    match exact_decimal(number.as_str()) {
        Ok(text) => Value::Number(Number::from_string_unchecked(text)),
        Err(error) => {
            let message = match error {
                NumberError::TooPrecise => "A number may have 38 significant digits at most",
                NumberError::OutOfRange => "A number's magnitude must be 0 or from 1E-130 to 9.99E+125",
            };
            faults.add(|| Fault::body(at, "inexact_number", message));
            Value::Null
        }
    }
}
