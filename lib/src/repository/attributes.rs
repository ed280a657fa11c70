//! A resource's attributes as an attribute of its item: their JSON text.
//!
//! A text and not a map, for the SDK gives a map as a tree that takes up to 90 times the memory of its text, and nothing
//! asks DynamoDB about what is in it. Where JSON escapes characters, it is a binary attribute without the escapes, so that
//! a character takes no more of the 400 KB than it has bytes. Equal values are equal attributes: conditions compare them.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Number, Value};

use crate::Error;
use crate::domain::{Attributes, exact_decimal};

/// The attribute value that holds the attributes.
pub(super) fn to_attribute_value(attributes: &Attributes) -> AttributeValue {
    match attributes.as_json() {
        Some(text) => AttributeValue::S(text.to_owned()),
        None => AttributeValue::B(Blob::new(attributes.as_bytes())),
    }
}

/// The attributes that an attribute value holds: their text, or a map, as they were stored once.
pub(super) fn from_attribute_value(value: AttributeValue) -> Result<Attributes, Error> {
    match value {
        AttributeValue::S(text) => Ok(Attributes::from_json(text)),
        AttributeValue::B(bytes) => Ok(Attributes::from_bytes(bytes.into_inner())),
        map @ AttributeValue::M(_) => match from_attribute(map)? {
            Value::Object(object) => Ok(Attributes::of(object)),
            _ => Err(not_attributes()),
        },
        _ => Err(not_attributes()),
    }
}

fn not_attributes() -> Error {
    Error::defect("the stored attributes are no object")
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
            Value::Object(members.collect::<Result<Map<_, _>, Error>>()?)
        }
        // What DynamoDB refuses in a map: what is nested deeper than 32 levels, and empty member names.
        AttributeValue::B(text) => serde_json::from_slice(text.as_ref()).map_err(Error::defect)?,
        _ => return Err(Error::defect("a stored attribute has a type that is never written")),
    })
}

fn number(text: &str) -> Result<Number, Error> {
    let text = exact_decimal(text).map_err(|_| Error::defect("a stored number is out of range"))?;
    Ok(Number::from_string_unchecked(text))
}
