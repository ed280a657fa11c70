//! The forms of parameters: their location, and the style of their values.

use resource_api::http::MAX_ITEMS;
use serde_json::Value;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder};
use utoipa::openapi::{RefOr, Required, Schema};

fn parameter(
    name: &str,
    parameter_in: ParameterIn,
    schema: impl Into<RefOr<Schema>>,
    text: &str,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(parameter_in)
        .required(Required::False)
        .schema(Some(schema))
        .description(Some(text))
}

pub(super) fn path(name: &str, schema: ObjectBuilder, text: &str) -> Parameter {
    parameter(name, ParameterIn::Path, schema, text).required(Required::True).build()
}

pub(super) fn query(name: &str, schema: impl Into<RefOr<Schema>>, text: &str, example: Value) -> Parameter {
    parameter(name, ParameterIn::Query, schema, text).example(Some(example)).build()
}

pub(super) fn required(mut parameter: Parameter) -> Parameter {
    parameter.required = Required::True;
    parameter
}

/// A value, or a range as `name[gte]=value`.
pub(super) fn deep(name: &str, schema: RefOr<Schema>, text: &str, example: Value) -> Parameter {
    parameter(name, ParameterIn::Query, schema, text)
        .style(Some(ParameterStyle::DeepObject))
        .explode(Some(true))
        .example(Some(example))
        .build()
}

/// Several values, separated by commas.
pub(super) fn by_comma(name: &str, item: ObjectBuilder, text: &str, example: Value) -> Parameter {
    let schema = ArrayBuilder::new().items(item).min_items(Some(1)).max_items(Some(MAX_ITEMS));
    parameter(name, ParameterIn::Query, schema, text)
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .example(Some(example))
        .build()
}

pub(super) fn header(name: &str, schema: ObjectBuilder, text: &str, example: Value) -> Parameter {
    parameter(name, ParameterIn::Header, schema, text).example(Some(example)).build()
}
