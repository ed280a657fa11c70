//! Schemas (JSON Schema 2020-12) of requests and responses.

mod batch;
mod envelopes;
mod fields;
mod filters;
mod problem;
mod resource;
mod values;

use std::collections::BTreeMap;

use resource_api::domain::{Kind, Kinds};
use serde_json::{Value, json};
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{ComponentsBuilder, Ref, RefOr, Schema};

use crate::names::Names;

pub(crate) use self::filters::{filter, ranges};

/// Adds every schema to the components of a document.
pub(crate) fn add(components: ComponentsBuilder, kinds: Kinds) -> ComponentsBuilder {
    all(kinds).into_iter().fold(components, |components, (name, schema)| components.schema(name, schema))
}

/// Every schema, by name.
pub(crate) fn all(kinds: Kinds) -> Vec<(String, RefOr<Schema>)> {
    let of_kind = |kind| {
        let schemas = resource::schemas(kind, kinds).into_iter().chain(envelopes::schemas(kind, kinds));
        schemas.chain(batch::schemas(kind))
    };
    kinds.iter().flat_map(of_kind).chain(envelopes::common()).chain(problem::schemas()).collect()
}

/// The schema of a body that creates or replaces a resource of a kind.
pub fn input_schema(kind: &'static Kind, kinds: Kinds) -> Value {
    let schemas: BTreeMap<_, _> = resource::schemas(kind, kinds).into_iter().collect();
    json!({
        "$ref": format!("#/components/schemas/{}Input", Names::of(kind).schema()),
        "components": { "schemas": schemas },
    })
}

/// A reference to a schema of the components.
pub(crate) fn reference(name: impl AsRef<str>) -> RefOr<Schema> {
    Ref::from_schema_name(name.as_ref()).into()
}

/// A value of a type.
pub(crate) fn of_type(schema_type: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(schema_type))
}

/// A value of a type, or null.
fn nullable(schema_type: Type) -> SchemaType {
    SchemaType::from_iter([schema_type, Type::Null])
}

/// A string of a format.
pub(crate) fn formatted(format: &str) -> ObjectBuilder {
    of_type(Type::String).format(Some(SchemaFormat::Custom(format.to_owned())))
}

/// The id of a resource.
pub(crate) fn id() -> ObjectBuilder {
    formatted("uuid").examples([crate::examples::ID]).max_length(Some(36))
}

/// A time as the API returns it.
fn moment() -> ObjectBuilder {
    formatted("date-time").max_length(Some(32)).examples([crate::examples::CREATED_AT])
}

/// A whole number within bounds.
pub(crate) fn integer(least: isize, most: isize) -> ObjectBuilder {
    of_type(Type::Integer)
        .format(Some(SchemaFormat::Custom("int64".to_owned())))
        .minimum(Some(least))
        .maximum(Some(most))
}

/// One of some words.
pub(crate) fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> ObjectBuilder {
    of_type(Type::String).enum_values(Some(words))
}

/// An array of at most `most` items.
fn array(items: impl Into<RefOr<Schema>>, most: usize) -> ArrayBuilder {
    ArrayBuilder::new().items(items.into()).max_items(Some(most))
}

/// One of two.
fn either(one: impl Into<RefOr<Schema>>, other: impl Into<RefOr<Schema>>) -> AnyOfBuilder {
    AnyOfBuilder::new().item(one).item(other)
}

/// An object with these members, all of them required.
fn object(members: impl IntoIterator<Item = (&'static str, RefOr<Schema>)>) -> ObjectBuilder {
    members
        .into_iter()
        .fold(of_type(Type::Object), |object, (name, schema)| object.property(name, schema).required(name))
}
