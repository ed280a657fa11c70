//! A resource's attributes as a DynamoDB document.
//!
//! JSON maps onto DynamoDB's own types, but for what DynamoDB refuses: containers that would be nested deeper than
//! its 32 levels, and objects with an empty member name. These are kept as their JSON text in a binary attribute,
//! a type that JSON does not have, so that they cannot be mistaken for anything else.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Number, Value};

use crate::Error;
use crate::domain::{Attributes, exact_decimal};

/// DynamoDB takes a scalar inside 31 nested maps and lists, and refuses one inside 32.
const MAX_NATIVE_DEPTH: usize = 31;

/// The attribute value that holds the attributes.
pub(super) fn to_attribute_value(attributes: &Attributes) -> Result<AttributeValue, Error> {
    object_to_attribute(attributes.as_object(), 1)
}

/// The attributes that an attribute value holds.
pub(super) fn from_attribute_value(value: AttributeValue) -> Result<Attributes, Error> {
    match from_attribute(value)? {
        Value::Object(object) => Ok(Attributes::from_stored(object)),
        _ => Err(Error::defect("the stored attributes are no object")),
    }
}

/// `depth` counts the containers around a value and the value itself.
fn to_attribute(value: &Value, depth: usize) -> Result<AttributeValue, Error> {
    Ok(match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(*value),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Number(number) => AttributeValue::N(number.as_str().to_owned()),
        Value::Object(object) => object_to_attribute(object, depth)?,
        Value::Array(_) if depth > MAX_NATIVE_DEPTH => as_text(value.clone())?,
        Value::Array(items) => {
            let items = items.iter().map(|item| to_attribute(item, depth + 1));
            AttributeValue::L(items.collect::<Result<_, _>>()?)
        }
    })
}

fn object_to_attribute(object: &Map<String, Value>, depth: usize) -> Result<AttributeValue, Error> {
    if depth > MAX_NATIVE_DEPTH || object.contains_key("") {
        return as_text(Value::Object(object.clone()));
    }
    let members = object.iter().map(|(name, value)| Ok((name.clone(), to_attribute(value, depth + 1)?)));
    Ok(AttributeValue::M(members.collect::<Result<HashMap<_, _>, Error>>()?))
}

/// Equal values have equal texts, for conditions compare them.
fn as_text(mut value: Value) -> Result<AttributeValue, Error> {
    value.sort_all_objects();
    let text = serde_json::to_vec(&value).map_err(Error::defect)?;
    Ok(AttributeValue::B(Blob::new(text)))
}

fn from_attribute(value: AttributeValue) -> Result<Value, Error> {
    Ok(match value {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(value) => Value::Bool(value),
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::N(text) => Value::Number(number(&text)?),
        AttributeValue::L(items) => {
            Value::Array(items.into_iter().map(from_attribute).collect::<Result<_, _>>()?)
        }
        AttributeValue::M(members) => {
            let members = members.into_iter().map(|(name, value)| Ok((name, from_attribute(value)?)));
            Value::Object(members.collect::<Result<_, Error>>()?)
        }
        AttributeValue::B(text) => serde_json::from_slice(text.as_ref()).map_err(Error::defect)?,
        _ => return Err(Error::defect("a stored attribute has a type that is never written")),
    })
}

fn number(text: &str) -> Result<Number, Error> {
    let text = exact_decimal(text).map_err(|_| Error::defect("a stored number is out of range"))?;
    Ok(Number::from_string_unchecked(text))
}
