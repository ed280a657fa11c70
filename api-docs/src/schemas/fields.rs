//! Schemas of the fields that kinds declare: as they are sent, as they are given, and as lists are filtered by them.

use resource_api::domain::Type as FieldType;
use resource_api::domain::{Controls, EMAIL, Field, Format, List, Operator, Text, whole};
use serde_json::Value;
use utoipa::Number;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::{array, either, formatted, id, nullable, of_type};
use crate::examples;

/// Which way a value goes, and how much of it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// What a client sends: what is left out, or null, gets its default.
    Sent,
    /// What a client sends in a merge patch: what is left out stays, and null asks for the default.
    Patch,
    /// What the API gives: every member is there.
    Given,
}

/// A field.
pub(super) fn field(field: &Field, form: Form) -> RefOr<Schema> {
    let may_be_null = match form {
        Form::Sent | Form::Patch => !field.required,
        Form::Given => !field.required && field.default.is_none(),
    };
    let described = notes(field);
    let schema = value(&field.field_type, form, may_be_null, described.as_deref());
    match (schema, examples::value(field).filter(|_| !may_be_null || field.example.is_some())) {
        (RefOr::T(Schema::Object(mut schema)), example) => {
            schema.examples = example.into_iter().collect();
            if form == Form::Sent {
                schema.default = field.default.and_then(|json| serde_json::from_str(json).ok());
            }
            RefOr::T(Schema::Object(schema))
        }
        (schema, _) => schema,
    }
}

/// What the rules of a field mean that a schema cannot say.
fn notes(field: &Field) -> Option<String> {
    let mut notes = Vec::new();
    if field.immutable {
        notes.push("Immutable: it stays as it was created.".to_owned());
    }
    if let FieldType::Text(Text { trimmed: true, .. }) = field.field_type {
        notes.push("White space at both ends is removed.".to_owned());
    }
    if let Some(kind) = field.refers_to() {
        let what = if field.is_reference_list() { "Ids of resources" } else { "The id of a resource" };
        let must_exist = if field.must_exist { "; it must exist" } else { "" };
        notes.push(format!("{what} in `{kind}`{must_exist}."));
    }
    if let FieldType::Number { .. } = field.field_type {
        notes.push("Stored exactly, with at most 38 significant digits.".to_owned());
    }
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// A value of a type.
fn value(field_type: &FieldType, form: Form, may_be_null: bool, note: Option<&str>) -> RefOr<Schema> {
    let typed = |schema: ObjectBuilder, schema_type: Type| {
        let schema_type = if may_be_null { nullable(schema_type) } else { SchemaType::new(schema_type) };
        schema.schema_type(schema_type).description(note)
    };
    let or_null = |schema: RefOr<Schema>| {
        if may_be_null { either(schema, of_type(Type::Null)).into() } else { schema }
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
        FieldType::Choice(words) => {
            let words = words.iter().map(|word| Value::from(*word));
            let words = words.chain(may_be_null.then_some(Value::Null));
            typed(ObjectBuilder::new().enum_values(Some(words)), Type::String).into()
        }
        FieldType::Reference(_) => typed(id(), Type::String).into(),
        FieldType::Json => typed(ObjectBuilder::new(), Type::Object).into(),
        FieldType::Object(fields) => or_null(members(fields, form).description(note).into()),
        FieldType::List(List { item, least, most, unique }) => {
            // A list in a merge patch is a whole list.
            let item_form = if form == Form::Patch { Form::Sent } else { form };
            let items = value(&item.field_type, item_form, false, None);
            let schema_type = if may_be_null { nullable(Type::Array) } else { SchemaType::new(Type::Array) };
            array(items, most)
                .min_items((least > 0).then_some(least))
                .unique_items(unique)
                .schema_type(schema_type)
                .description(note)
                .into()
        }
        _ => ObjectBuilder::new().schema_type(SchemaType::AnyValue).into(),
    }
}

/// An object with fields of its own.
fn members(fields: &[Field], form: Form) -> ObjectBuilder {
    let mut schema = of_type(Type::Object);
    for declared in fields {
        schema = schema.property(declared.name, field(declared, form));
        if form == Form::Given || (form == Form::Sent && declared.required) {
            schema = schema.required(declared.name);
        }
    }
    closed(schema, form)
}

/// An object that a client sends has no other members.
pub(super) fn closed(schema: ObjectBuilder, form: Form) -> ObjectBuilder {
    match form {
        Form::Sent | Form::Patch => {
            schema.additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(false)))
        }
        Form::Given => schema,
    }
}

fn text_schema(text: Text, typed: impl Fn(ObjectBuilder) -> ObjectBuilder) -> RefOr<Schema> {
    let mut patterns = Vec::new();
    match text.controls {
        // White space at the ends is taken off, control characters among it.
        Controls::None if text.trimmed => {}
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
        // One object has room for one pattern.
        Some(pattern) => {
            AllOfBuilder::new().item(schema).item(ObjectBuilder::new().pattern(Some(pattern))).into()
        }
    }
}

/// How a list is filtered by a field: by a value, or by a range where the values have an order.
pub(crate) fn filter(field: &Field) -> RefOr<Schema> {
    let plain = match field.field_type {
        // Rules for what is stored do not hold for what is compared with it.
        FieldType::Text(_) => of_type(Type::String).into(),
        FieldType::Integer { .. } | FieldType::Number { .. } => of_type(Type::Number).into(),
        ref other => value(other, Form::Sent, false, None),
    };
    if field.field_type.has_ranges() { ranges(plain) } else { plain }
}

/// A value, or a range of such values.
pub(crate) fn ranges(value: RefOr<Schema>) -> RefOr<Schema> {
    let mut range = of_type(Type::Object);
    for (operator, word) in Operator::RANGES {
        let schema = match value.clone() {
            RefOr::T(Schema::Object(mut schema)) => {
                schema.description = Some(meaning(operator).to_owned());
                RefOr::T(Schema::Object(schema))
            }
            other => other,
        };
        range = range.property(word, schema);
    }
    let range = closed(range.min_properties(Some(1)), Form::Sent);
    either(value, range).into()
}

fn meaning(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "Equal.",
        Operator::Greater => "Greater than.",
        Operator::GreaterOrEqual => "Greater than or equal.",
        Operator::Less => "Less than.",
        Operator::LessOrEqual => "Less than or equal.",
    }
}

fn bound(number: i64) -> isize {
    isize::try_from(number).unwrap_or_default()
}

/// The bound of a number, as its declaration writes it.
fn number(json: &str) -> Option<Number> {
    let whole = json.parse::<isize>().map(Number::Int);
    whole.or_else(|_| json.parse().map(Number::Float)).ok()
}
