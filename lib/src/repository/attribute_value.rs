//! Converts values of fields to attribute values, and back.
//!
//! Objects and lists are stored as text and not as maps, because the SDK parses a map into a tree that takes
//! up to 90 times the memory of the text, and no expression reads their members. A text that needs escapes in
//! JSON is stored as a binary value without them, so that it counts towards the 400 KB only with its own
//! bytes. Equal values have equal attribute values, because conditions compare them.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::{Field, FieldValue, JsonText, ResourceId, Type, exact_decimal};

/// The attribute value of a field's value; `None` for null.
pub(super) fn from_field(value: &FieldValue) -> Option<AttributeValue> {
    Some(match value {
        FieldValue::Null => return None,
        FieldValue::Boolean(value) => AttributeValue::Bool(*value),
        FieldValue::Number(text) => AttributeValue::N(text.clone()),
        FieldValue::Text(text) => AttributeValue::S(text.clone()),
        FieldValue::Reference(id) => from_ids(std::slice::from_ref(id)),
        FieldValue::References(ids) => from_ids(ids),
        FieldValue::Json(json) => match json.as_json() {
            Some(text) => AttributeValue::S(text.to_owned()),
            None => AttributeValue::B(Blob::new(json.as_bytes())),
        },
    })
}

/// The field's value of an attribute value, as it was stored, even if the declaration has changed since. Null
/// if the attribute value cannot be read as a value of the field.
pub(super) fn to_field(field: &Field, value: AttributeValue) -> FieldValue {
    let has_parts = matches!(field.field_type, Type::Json | Type::Object(_) | Type::List(_));
    match value {
        AttributeValue::Bool(value) => FieldValue::Boolean(value),
        AttributeValue::N(text) => exact_decimal(&text).map_or(FieldValue::Null, FieldValue::Number),
        AttributeValue::S(text) if has_parts && text.starts_with(['{', '[']) => {
            FieldValue::Json(JsonText::from_json(text))
        }
        AttributeValue::S(_) if has_parts => FieldValue::Null,
        AttributeValue::S(text) => FieldValue::Text(text),
        AttributeValue::B(bytes) if field.refers_to().is_some() => {
            let ids = to_ids(bytes.as_ref());
            match (&field.field_type, ids.as_deref()) {
                (Type::Reference(_), Some([id])) => FieldValue::Reference(*id),
                (Type::List(_), Some(ids)) => FieldValue::References(ids.to_vec()),
                _ => FieldValue::Null,
            }
        }
        AttributeValue::B(bytes) if has_parts => FieldValue::Json(JsonText::from_bytes(bytes.into_inner())),
        _ => FieldValue::Null,
    }
}

/// Concatenates ids of 16 bytes each: less than half the size of their text, in the table and in each index.
fn from_ids(ids: &[ResourceId]) -> AttributeValue {
    AttributeValue::B(Blob::new(ids.iter().flat_map(|id| *id.as_bytes()).collect::<Vec<u8>>()))
}

fn to_ids(bytes: &[u8]) -> Option<Vec<ResourceId>> {
    let (ids, rest) = bytes.as_chunks();
    rest.is_empty().then(|| ids.iter().copied().map(ResourceId::from_bytes).collect())
}
