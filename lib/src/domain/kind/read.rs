//! Validates a body against a declaration. Returns the canonical values, and every fault, also of nested
//! values.

use std::collections::HashSet;
use std::mem;

use serde_json::{Map, Number, Value};

use super::free_form::free_object;
use super::{Controls, Decimal, Field, Format, List, Text, Type, text};
use crate::domain::json::body::{unknown_members, wrong_type};
use crate::domain::{Fault, Faults, NumberError, Pointer, ResourceId, canonical_moment, exact_decimal};

/// The longest text that is matched with a pattern or a format, in characters. A longer one is a fault.
const MAX_MATCHED: usize = 10_000;

/// The canonical value of a field in an object, or else its default.
pub(in crate::domain) fn member(
    field: &'static Field,
    object: &mut Map<String, Value>,
    outer: &Pointer<'_>,
    faults: &mut Faults,
) -> Value {
    let at = outer.member(field.name);
    match object.get_mut(field.name).map(mem::take).filter(|value| !value.is_null()) {
        Some(value) => checked(field, value, &at, faults),
        None if field.required => {
            faults.add(|| Fault::body(&at, "required", format!("{} is needed", field.name)));
            Value::Null
        }
        None => default(field),
    }
}

/// The value of a field that is omitted.
pub(super) fn default(field: &'static Field) -> Value {
    let Some(json) = field.default else { return Value::Null };
    let value = serde_json::from_str(json).unwrap_or_default();
    checked(field, value, &Pointer::Root, &mut Faults::default())
}

/// The canonical value of a field, so that equal values are equal. Adds a fault for each broken rule.
pub(super) fn checked(field: &'static Field, value: Value, at: &Pointer<'_>, faults: &mut Faults) -> Value {
    match (&field.field_type, value) {
        (Type::Text(rules), Value::String(text)) => text_of(rules, text, at, faults),
        (Type::Integer { least, most }, Value::Number(number)) => integer(&number, *least, *most, at, faults),
        (Type::Number { least, most }, Value::Number(number)) => decimal(&number, *least, *most, at, faults),
        (Type::Boolean, value @ Value::Bool(_)) => value,
        (Type::Timestamp, Value::String(text)) => match canonical_moment(&text) {
            Some(text) => text.into(),
            None => refused(at, "invalid_format", "Expected a time as in RFC 3339", faults),
        },
        (Type::Date, Value::String(text)) if text::is_date(&text) => text.into(),
        (Type::Date, Value::String(_)) => {
            refused(at, "invalid_format", "Expected a day, like 2026-11-25", faults)
        }
        (Type::Choice(words), Value::String(word)) if words.contains(&&*word) => word.into(),
        (Type::Choice(words), Value::String(_)) => {
            refused(at, "invalid_value", format!("Expected one of {}", words.join(", ")), faults)
        }
        (Type::Reference(_), Value::String(text)) => match ResourceId::parse(&text) {
            Some(id) => id.to_string().into(),
            None => refused(at, "invalid_id", "An id is a UUID with hyphens", faults),
        },
        (Type::Json, Value::Object(object)) => Value::Object(free_object(object, at, 1, faults)),
        (Type::Object(fields), Value::Object(object)) => object_of(fields, object, at, faults),
        (Type::List(rules), Value::Array(items)) => list(rules, items, at, faults),
        (expected, other) => {
            faults.add(|| wrong_type(at, type_name(expected), &other));
            Value::Null
        }
    }
}

/// A stored value with the members of its objects as they are declared now: undeclared ones are removed, and
/// missing ones get their defaults.
pub(super) fn in_line(field: &'static Field, value: Value) -> Value {
    match (&field.field_type, value) {
        (Type::Object(fields), Value::Object(mut object)) => {
            let member = |field: &'static Field| {
                let value = object.remove(field.name).filter(|value| !value.is_null());
                let value = value.map_or_else(|| default(field), |value| in_line(field, value));
                (field.name.to_owned(), value)
            };
            Value::Object(fields.iter().map(member).collect())
        }
        (Type::List(list), Value::Array(items)) => {
            items.into_iter().map(|item| in_line(list.item, item)).collect()
        }
        (_, value) => value,
    }
}

/// A canonical value to compare stored values with, or the message of a fault. Only the rules of the type are
/// checked.
pub(super) fn comparable(field: &'static Field, value: Value) -> Result<Value, String> {
    let (at, mut faults) = (Pointer::Root, Faults::default());
    let value = match (&field.field_type, value) {
        (Type::Text(rules), Value::String(text)) if !has_refused_controls(rules, &text) => text.into(),
        (Type::Text(_), Value::String(_)) => return Err(NO_CONTROLS.to_owned()),
        (Type::Integer { .. } | Type::Number { .. }, Value::Number(number)) => {
            decimal(&number, None, None, &at, &mut faults)
        }
        (_, value) => checked(field, value, &at, &mut faults),
    };
    match faults.first_message() {
        Some(message) => Err(message.to_owned()),
        None => Ok(value),
    }
}

pub(super) fn refused(
    at: &Pointer<'_>,
    code: &'static str,
    message: impl Into<String>,
    faults: &mut Faults,
) -> Value {
    faults.add(|| Fault::body(at, code, message));
    Value::Null
}

fn type_name(expected: &Type) -> &'static str {
    match expected {
        Type::Text(_) | Type::Timestamp | Type::Date | Type::Choice(_) | Type::Reference(_) => "a string",
        Type::Integer { .. } => "an integer",
        Type::Number { .. } => "a number",
        Type::Boolean => "true or false",
        Type::Json | Type::Object(_) => "an object",
        Type::List(_) => "an array",
    }
}

fn text_of(rules: &'static Text, text: String, at: &Pointer<'_>, faults: &mut Faults) -> Value {
    let text = match text.trim() {
        trimmed if rules.trimmed && trimmed.len() < text.len() => trimmed.to_owned(),
        _ => text,
    };
    let length = text.chars().count();
    let mut fault = |code, message: &dyn Fn() -> String| faults.add(|| Fault::body(at, code, message()));
    if length < rules.least {
        fault("too_short", &|| format!("At least {}; these are {length}", counted(rules.least, "character")));
    }
    if length > rules.most {
        fault("too_long", &|| format!("At most {}; these are {length}", counted(rules.most, "character")));
    }
    if has_refused_controls(rules, &text) {
        fault("control_character", &|| NO_CONTROLS.to_owned());
    }
    // A text that is too long gets no further faults, and is not matched with a pattern.
    let in_bounds = length <= rules.most;
    let short = length <= MAX_MATCHED;
    if let Some(pattern) = rules.pattern
        && in_bounds
        && !(short && text::matches(pattern, &text))
    {
        fault("invalid_format", &|| format!("The complete text must match {pattern}"));
    }
    match rules.format {
        Some(Format::Email) if in_bounds && !(short && text::is_email(&text)) => {
            fault("invalid_format", &|| "Expected an email address".to_owned());
        }
        Some(Format::Uri) if in_bounds && !(short && text::is_uri(&text)) => {
            fault("invalid_format", &|| "Expected an absolute URI".to_owned());
        }
        _ => {}
    }
    text.into()
}

const NO_CONTROLS: &str = "Control characters are not allowed";

fn has_refused_controls(rules: &Text, text: &str) -> bool {
    text.chars().any(|letter| match rules.controls {
        Controls::None => letter.is_control(),
        Controls::LineBreaks => letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'),
        Controls::Any => false,
    })
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn integer(number: &Number, least: i64, most: i64, at: &Pointer<'_>, faults: &mut Faults) -> Value {
    let Some(text) = exact(number, at, faults) else { return Value::Null };
    match text.parse::<i64>() {
        Ok(integer) => {
            if integer < least {
                faults.add(|| Fault::body(at, "too_small", format!("At least {least}")));
            }
            if integer > most {
                faults.add(|| Fault::body(at, "too_large", format!("At most {most}")));
            }
            integer.into()
        }
        // A canonical number has a decimal point or a negative exponent only if it is not an integer.
        Err(_) if text.contains("e-") || (text.contains('.') && !text.contains('e')) => {
            refused(at, "wrong_type", "Expected an integer, got a fraction", faults)
        }
        Err(_) if text.starts_with('-') => refused(at, "too_small", format!("At least {least}"), faults),
        Err(_) => refused(at, "too_large", format!("At most {most}"), faults),
    }
}

fn decimal(
    number: &Number,
    least: Option<&'static str>,
    most: Option<&'static str>,
    at: &Pointer<'_>,
    faults: &mut Faults,
) -> Value {
    let Some(text) = exact(number, at, faults) else { return Value::Null };
    if least.is_some() || most.is_some() {
        let value = Decimal::parse(&text);
        if let Some(least) = least
            && value < Decimal::parse(least)
        {
            faults.add(|| Fault::body(at, "too_small", format!("At least {least}")));
        }
        if let Some(most) = most
            && value > Decimal::parse(most)
        {
            faults.add(|| Fault::body(at, "too_large", format!("At most {most}")));
        }
    }
    Value::Number(Number::from_string_unchecked(text))
}

/// The canonical form of a number; `None`, and a fault, if it cannot be stored exactly.
pub(super) fn exact(number: &Number, at: &Pointer<'_>, faults: &mut Faults) -> Option<String> {
    let message = match exact_decimal(number.as_str()) {
        Ok(text) => return Some(text),
        Err(NumberError::TooPrecise) => "A number may have 38 significant digits at most",
        Err(NumberError::OutOfRange) => "A number's magnitude must be 0 or from 1E-130 to 9.99E+125",
    };
    faults.add(|| Fault::body(at, "inexact_number", message));
    None
}

fn object_of(
    fields: &'static [Field],
    mut object: Map<String, Value>,
    at: &Pointer<'_>,
    faults: &mut Faults,
) -> Value {
    let unknown = object.keys().filter(|name| !fields.iter().any(|field| field.name == *name));
    unknown_members(at, unknown, "There is no such field here", faults);
    let member = |field: &'static Field| (field.name.to_owned(), member(field, &mut object, at, faults));
    Value::Object(fields.iter().map(member).collect())
}

fn list(rules: &List, items: Vec<Value>, at: &Pointer<'_>, faults: &mut Faults) -> Value {
    let count = items.len();
    if count > rules.most {
        // A list that is too long gets no further faults.
        return refused(
            at,
            "too_many",
            format!("At most {}; these are {count}", counted(rules.most, "item")),
            faults,
        );
    }
    if count < rules.least {
        let message = format!("At least {}; these are {count}", counted(rules.least, "item"));
        faults.add(|| Fault::body(at, "too_few", message));
    }
    let mut seen = HashSet::new();
    let item = |(index, item): (usize, Value)| {
        let at = at.item(index);
        let item = checked(rules.item, item, &at, faults);
        if rules.unique && !item.is_null() && !seen.insert(item.to_string()) {
            faults.add(|| Fault::body(&at, "repeated", "This item is repeated; items must be unique"));
        }
        item
    };
    Value::Array(items.into_iter().enumerate().map(item).collect())
}
