//! How lists are filtered: by a value, or by a range.

use resource_api::domain::Type as FieldType;
use resource_api::domain::{Field, Operator};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{RefOr, Schema};

use super::fields::{Form, closed};
use super::values::plain_value;
use super::{either, of_type};

/// How a list is filtered by a field: by a value, or by a range where the values have an order.
pub(crate) fn filter(field: &Field) -> RefOr<Schema> {
    let plain = match field.field_type {
        // Rules for stored values do not apply to filters.
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
