//! Schemas of values without declared members: texts, numbers, times and the like.

use resource_api::domain::Type as FieldType;
use resource_api::domain::{Controls, EMAIL, Format, Text, whole};
use utoipa::Number;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::{either, formatted, id, nullable, of_type, one_of};

/// A value of a type without declared members.
pub(super) fn plain_value(field_type: &FieldType, may_be_null: bool) -> RefOr<Schema> {
    let typed = |schema: ObjectBuilder, schema_type: Type| {
        schema.schema_type(if may_be_null { nullable(schema_type) } else { SchemaType::new(schema_type) })
    };
    match *field_type {
        FieldType::Text(text) => text_schema(text, |schema| typed(schema, Type::String)),
        FieldType::Integer { least, most } => {
            let schema = super::integer(bound(least), bound(most));
            typed(schema, Type::Integer).into()
        }
        FieldType::Number { least, most } => {
            let schema = ObjectBuilder::new().minimum(least.and_then(number)).maximum(most.and_then(number));
            typed(schema, Type::Number).into()
        }
        FieldType::Boolean => typed(ObjectBuilder::new(), Type::Boolean).into(),
        FieldType::Timestamp => typed(formatted("date-time").max_length(Some(64)), Type::String).into(),
        FieldType::Date => typed(formatted("date").max_length(Some(10)), Type::String).into(),
        FieldType::Choice(words) => choice(words, may_be_null),
        FieldType::Reference(_) => typed(id(), Type::String).into(),
        FieldType::Json => typed(ObjectBuilder::new(), Type::Object).into(),
        _ => ObjectBuilder::new().schema_type(SchemaType::AnyValue).into(),
    }
}

/// One of some words, or null.
pub(super) fn choice(words: &[&'static str], may_be_null: bool) -> RefOr<Schema> {
    let word = one_of(words.iter().copied());
    // Not one enumeration with a null in it, for which client generators make several types.
    if may_be_null { either(word, of_type(Type::Null)).into() } else { word.into() }
}

fn text_schema(text: Text, typed: impl Fn(ObjectBuilder) -> ObjectBuilder) -> RefOr<Schema> {
    let mut patterns = Vec::new();
    match text.controls {
        Controls::None if text.trimmed => patterns.push(trimmed(text.least)),
        Controls::None if text.pattern.is_some() || text.format.is_some() => {}
        Controls::None => patterns.push(r"^[^\u0000-\u001f\u007f-\u009f]*$".to_owned()),
        Controls::LineBreaks => {
            patterns.push(r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$".to_owned());
        }
        Controls::Any => {}
    }
    patterns.extend(text.pattern.map(whole));
    let mut schema = match text.format {
        Some(Format::Email) => {
            patterns.push(whole(EMAIL));
            formatted("email")
        }
        Some(Format::Uri) => formatted("uri"),
        None => ObjectBuilder::new(),
    };
    schema = schema
        .min_length((text.least > 0).then_some(text.least))
        .max_length((text.most < usize::MAX).then_some(text.most));
    let mut patterns = patterns.into_iter();
    let schema = typed(schema.pattern(patterns.next()));
    match patterns.next() {
        None => schema.into(),
        // A schema has at most one pattern.
        Some(pattern) => {
            AllOfBuilder::new().item(schema).item(ObjectBuilder::new().pattern(Some(pattern))).into()
        }
    }
}

/// The pattern of a text without control characters, of which white space at both ends is removed first.
fn trimmed(least: usize) -> String {
    let inner =
        r"[^\s\u0000-\u001f\u007f-\u009f](?:[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f])?";
    let optional = if least == 0 { "?" } else { "" };
    format!(r"^\s*(?:{inner}){optional}\s*$")
}

fn bound(number: i64) -> isize {
    isize::try_from(number).unwrap_or_default()
}

/// The bound of a number, as its declaration writes it.
fn number(json: &str) -> Option<Number> {
    let whole = json.parse::<isize>().map(Number::Int);
    whole.or_else(|_| json.parse().map(Number::Float)).ok()
}
