//! Examples of values, bodies and responses, made from the declarations. Each is valid.

mod problems;

use resource_api::domain::{Field, Format, Kind, List, Replacement, Text, Type};
use serde_json::{Map, Value, json};

pub(crate) use self::problems::problem;

/// An id.
pub(crate) const ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071";
/// Another id.
const OTHER_ID: &str = "019a1b2c-0000-7000-8000-000000000001";
/// The timestamp of the id.
pub(crate) const CREATED_AT: &str = "2025-10-25T11:41:15.470Z";
const UPDATED_AT: &str = "2025-10-26T08:15:00.000Z";
/// A caller.
pub(crate) const SUBJECT: &str = "alice";
/// A cursor, which is opaque.
pub(crate) const CURSOR: &str = "eyJhIjoiMDE5YTFiMmMifQ";
/// A request id.
pub(crate) const REQUEST_ID: &str = "79b0242f-dc78-491a-bf88-e158ce4ed187";

/// An example of a field's value in a request; `None` if there is none.
pub(crate) fn value(field: &Field) -> Option<Value> {
    if let Some(json) = field.example.or(field.default) {
        return serde_json::from_str(json).ok();
    }
    Some(match field.field_type {
        Type::Text(text) => text_value(field.name, text)?.into(),
        Type::Integer { least, most } => json!(1.clamp(least, most)),
        Type::Number { least, most } => serde_json::from_str(least.or(most).unwrap_or("9.99")).ok()?,
        Type::Boolean => json!(true),
        Type::Timestamp => json!(CREATED_AT),
        Type::Date => json!("2026-11-25"),
        Type::Choice(words) => json!(words.first()?),
        Type::Reference(_) => json!(OTHER_ID),
        Type::Json => json!({}),
        Type::Object(fields) => object(fields)?.into(),
        Type::List(List { item, least, .. }) => {
            // Several items may have to be different.
            if least > 1 {
                return None;
            }
            json!([value(item)?])
        }
        _ => return None,
    })
}

fn text_value(name: &str, text: Text) -> Option<String> {
    if text.pattern.is_some() {
        return None;
    }
    let mut value = match text.format {
        Some(Format::Email) => "alice@example.com".to_owned(),
        Some(Format::Uri) => "https://example.com/".to_owned(),
        None => crate::names::capitalized(&name.replace('_', " ")),
    };
    if text.format.is_none() {
        while value.chars().count() < text.least {
            value.push('x');
        }
        value = value.chars().take(text.most).collect();
    }
    Some(value)
}

/// An object with all members that have an example; `None` if a required one has none.
fn object(fields: &[Field]) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    for field in fields {
        match value(field) {
            Some(value) => _ = members.insert(field.name.to_owned(), value),
            None if field.required => return None,
            None => {}
        }
    }
    Some(members)
}

/// A body that creates a resource.
pub(crate) fn input(kind: &Kind) -> Option<Value> {
    object(kind.fields).map(Value::Object)
}

/// A merge patch of the first field that can change.
pub(crate) fn patch(kind: &Kind) -> Value {
    let changeable = kind.fields.iter().filter(|field| !field.immutable && field.refers_to().is_none());
    let mut with_values = changeable.filter_map(|field| Some((field.name, value(field)?)));
    let (name, value) = with_values.next().unwrap_or(("status", json!(kind.statuses.initial)));
    json!({ name: value })
}

/// A resource as the API returns it: its summary, or all fields.
pub(crate) fn resource(kind: &'static Kind, summary: bool) -> Option<Value> {
    let values = Replacement::from_json(kind, input(kind)?).ok()?;
    let Value::Object(mut members) = values.values.to_json() else { return None };
    let fields = if summary { kind.summary() } else { kind.all_fields() };
    for (name, value) in [
        ("id", json!(ID)),
        ("status", json!(kind.statuses.initial)),
        ("version", json!(2)),
        ("created_at", json!(CREATED_AT)),
        ("updated_at", json!(UPDATED_AT)),
        ("created_by", json!(SUBJECT)),
        ("updated_by", json!(SUBJECT)),
    ] {
        members.insert(name.to_owned(), value);
    }
    let shown = kind.shown().filter(|field| fields.contains(*field)).map(|field| kind.name_of(field));
    shown
        .map(|name| Some((name.to_owned(), members.remove(name)?)))
        .collect::<Option<Map<_, _>>>()
        .map(Value::Object)
}

/// A resource after its creation.
pub(crate) fn first_version(kind: &'static Kind) -> Option<Value> {
    let Value::Object(mut members) = resource(kind, false)? else { return None };
    members.insert("version".to_owned(), json!(1));
    members.insert("updated_at".to_owned(), json!(CREATED_AT));
    Some(members.into())
}
