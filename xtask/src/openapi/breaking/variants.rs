//! Matches the alternatives of two schemas.

use serde_json::Value;

use super::alternatives::Alternative;
use super::directions::Direction;
use super::values::{members, same};

/// Whether an alternative of a response is the same component in both documents. It is then compared only
/// with itself: if a response may also be a selection of the properties of `Order`, each order would match
/// that selection.
pub(super) fn is_counterpart(direction: Direction, sent: &Alternative, understood: &Alternative) -> bool {
    let is_same = sent.component == understood.component && sent.kind == understood.kind;
    !direction.is_request() && sent.component.is_some() && is_same
}

/// The name of the alternative that is sent, if a property with a single value in each distinguishes the two.
pub(super) fn other_variant(
    direction: Direction,
    sent: &Alternative,
    understood: &Alternative,
) -> Option<String> {
    members(sent.list("properties")).find_map(|(name, schema)| {
        let (own, other) = (only_value(schema)?, only_value(understood.list("properties").get(name)?)?);
        let is_told = direction.of_member(name).has_closed_enums() && !same(own, other);
        is_told.then(|| format!("an object whose {name} is {own}"))
    })
}

/// The only value that a schema allows, unless that is behind a reference.
fn only_value(schema: &Value) -> Option<&Value> {
    let listed = || schema["enum"].as_array().filter(|values| values.len() == 1)?.first();
    schema.get("const").or_else(listed)
}
