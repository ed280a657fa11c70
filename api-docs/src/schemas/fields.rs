//! Schemas of the fields that kinds declare, in requests and in responses.

use std::collections::BTreeMap;

use resource_api::domain::Type as FieldType;
use resource_api::domain::{Field, List, MAX_DEPTH, Text};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::values::plain_value;
use super::{array, either, nullable, of_type, reference};
use crate::examples;
use crate::names::{capitalized, joined};

/// Where a value is used, which decides which members it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In a request: a field that is missing or null gets its default.
    Sent,
    /// In a merge patch: a missing field does not change, and null sets the default.
    Patch,
    /// In a response: every member is present.
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

/// How numbers are stored.
const EXACT: &str =
    "stored exactly, with at most 38 significant digits and a magnitude from 1E-130 to 9.99E+125, or 0.";

/// The maximum number of items in a list whose declaration has none. More do not fit into a resource.
const MOST_ITEMS: usize = 400_000;

/// The schemas of fields in one form, and of the objects in them. Each object has a name of its own, for
/// generated clients.
pub(super) struct Fields<'a> {
    /// The name of the resource's schema, like `Order`.
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

    /// A field of the schema `owner`.
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

    /// A value of a type. `name` is the name of the schema of an object in it.
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

    /// An object, which becomes a schema of its own.
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

/// The rules of a field that a schema cannot express.
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
        notes.push(format!("Nested at most {MAX_DEPTH} levels deep. Numbers are {EXACT}"));
    }
    // Not as a `default` of the schema: clients would send it, also in a replacement and in a patch.
    if let Some(default) = field.default.filter(|_| form != Form::Given) {
        let when = if form == Form::Sent { "Default, also for null" } else { "Null stands for" };
        notes.push(format!("{when}: `{default}`."));
    }
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// An object that a client sends has no other members.
pub(super) fn closed(schema: ObjectBuilder, form: Form) -> ObjectBuilder {
    match form {
        Form::Sent | Form::Patch => schema.additional_properties(Some(AdditionalProperties::FreeForm(false))),
        Form::Given => schema,
    }
}
