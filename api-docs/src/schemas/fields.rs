//! Schemas of the fields that kinds declare: as they are sent, as they are given, and as lists are filtered by them.

use std::collections::BTreeMap;

use resource_api::domain::Type as FieldType;
use resource_api::domain::{Controls, EMAIL, Field, Format, List, Operator, Text, whole};
use utoipa::Number;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::{array, either, formatted, id, nullable, of_type, one_of, reference};
use crate::examples;
use crate::names::{capitalized, joined};

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

impl Form {
    /// How the name of a schema of this form ends.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Sent => "Input",
            Self::Patch => "Patch",
            Self::Given => "",
        }
    }
}

/// What numbers are stored as.
const EXACT: &str =
    "stored exactly, with at most 38 significant digits and a magnitude from 1E-130 to 9.99E+125, or 0.";

/// The most items of a list whose declaration names no maximum: no more have room in a resource.
const MOST_ITEMS: usize = 400_000;

/// The schemas of fields in one form, and those of the objects in them: each object has a name of its own, for the clients that
/// are generated.
pub(super) struct Fields<'a> {
    /// The name of what has the fields, like `Order`.
    pub(super) name: &'a str,
    pub(super) form: Form,
    /// The objects that were found, by name.
    pub(super) objects: BTreeMap<String, RefOr<Schema>>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(name: &'a str, form: Form) -> Self {
        Self { name, form, objects: BTreeMap::new() }
    }

    /// A field of the resource itself.
    pub(super) fn field(&mut self, field: &Field) -> RefOr<Schema> {
        let name = self.name.to_owned();
        self.field_of(field, self.form, &name)
    }

    /// A field of what has a name.
    fn field_of(&mut self, field: &Field, form: Form, owner: &str) -> RefOr<Schema> {
        let may_be_null = match form {
            Form::Sent | Form::Patch => !field.required,
            Form::Given => !field.required && field.default.is_none(),
        };
        let name = format!("{owner}{}", joined(field.name));
        let schema = self.value(&field.field_type, form, may_be_null, &name);
        let notes = notes(field, form);
        let example = examples::value(field).filter(|_| !may_be_null || field.example.is_some());
        match schema {
            RefOr::T(Schema::Object(mut schema)) => {
                schema.description = notes;
                schema.examples = example.into_iter().collect();
                RefOr::T(Schema::Object(schema))
            }
            RefOr::T(Schema::Array(mut schema)) => {
                schema.description = notes;
                schema.examples = example.into_iter().collect();
                RefOr::T(Schema::Array(schema))
            }
            RefOr::T(Schema::AnyOf(mut schema)) => {
                schema.description = notes;
                RefOr::T(Schema::AnyOf(schema))
            }
            RefOr::T(Schema::AllOf(mut schema)) => {
                schema.description = notes;
                RefOr::T(Schema::AllOf(schema))
            }
            schema => schema,
        }
    }

    /// A value of a type. An object in it has this name.
    fn value(&mut self, field_type: &FieldType, form: Form, may_be_null: bool, name: &str) -> RefOr<Schema> {
        match *field_type {
            FieldType::Object(fields) => {
                let object = self.object(fields, form, name);
                if may_be_null { either(object, of_type(Type::Null)).into() } else { object }
            }
            FieldType::List(List { item, least, most, unique }) => {
                // A list in a merge patch is a whole list.
                let form = if form == Form::Patch { Form::Sent } else { form };
                let items = self.value(&item.field_type, form, false, &format!("{name}Item"));
                let schema_type =
                    if may_be_null { nullable(Type::Array) } else { SchemaType::new(Type::Array) };
                array(items, most.min(MOST_ITEMS))
                    .min_items((least > 0).then_some(least))
                    .unique_items(unique)
                    .schema_type(schema_type)
                    .into()
            }
            ref plain => plain_value(plain, may_be_null),
        }
    }

    /// An object with fields of its own, which becomes a schema of its own.
    fn object(&mut self, fields: &[Field], form: Form, name: &str) -> RefOr<Schema> {
        let mut schema = of_type(Type::Object);
        for declared in fields {
            schema = schema.property(declared.name, self.field_of(declared, form, name));
            if form == Form::Given || (form == Form::Sent && declared.required) {
                schema = schema.required(declared.name);
            }
        }
        let name = format!("{name}{}", form.suffix());
        self.objects.insert(name.clone(), closed(schema, form).into());
        reference(name)
    }
}

/// What the rules of a field mean that a schema cannot say.
fn notes(field: &Field, form: Form) -> Option<String> {
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
        notes.push(capitalized(EXACT));
    }
    if let FieldType::Json = field.field_type {
        notes.push(format!("Nested at most 32 levels deep. Numbers are {EXACT}"));
    }
    // Not as a `default` of the schema: clients would send it, also in a replacement and in a patch.
    if let Some(default) = field.default.filter(|_| form != Form::Given) {
        let when = if form == Form::Sent { "Default, also for null" } else { "Null stands for" };
        notes.push(format!("{when}: `{default}`."));
    }
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// A value of a type that has no parts.
fn plain_value(field_type: &FieldType, may_be_null: bool) -> RefOr<Schema> {
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
    // Not one enumeration with a null in it, which generators of clients make several types of.
    if may_be_null { either(word, of_type(Type::Null)).into() } else { word.into() }
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
        // One object has room for one pattern.
        Some(pattern) => {
            AllOfBuilder::new().item(schema).item(ObjectBuilder::new().pattern(Some(pattern))).into()
        }
    }
}

/// The pattern of a text without control characters, of which white space at the ends is taken off first.
fn trimmed(least: usize) -> String {
    let inner =
        r"[^\s\u0000-\u001f\u007f-\u009f](?:[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f])?";
    let optional = if least == 0 { "?" } else { "" };
    format!(r"^\s*(?:{inner}){optional}\s*$")
}

/// How a list is filtered by a field: by a value, or by a range where the values have an order.
pub(crate) fn filter(field: &Field) -> RefOr<Schema> {
    let plain = match field.field_type {
        // Rules for what is stored do not hold for what is compared with it.
        FieldType::Text(_) => of_type(Type::String).into(),
        FieldType::Integer { .. } | FieldType::Number { .. } => of_type(Type::Number).into(),
        ref other => plain_value(other, false),
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
    let range = closed(range, Form::Sent);
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
