//! Which alternatives of two schemas are meant for each other.

use serde_json::Value;

use super::alternatives::Alternative;
use super::directions::Direction;
use super::values::{members, same};

/// Says whether an alternative of a response is the same component in both documents. It is then compared
/// with itself alone: where `Order` may come as a selection of its properties too, each order would be one.
pub(super) fn is_counterpart(direction: Direction, sent: &Alternative, understood: &Alternative) -> bool {
    let is_same = sent.component == understood.component && sent.kind == understood.kind;
    !direction.is_request() && sent.component.is_some() && is_same
}

/// Says whether two alternatives are told apart by a property that has one value in each; gives the name of
/// the one that is sent.
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

/// Gives the one value that a schema allows, if it says so in place.
fn only_value(schema: &Value) -> Option<&Value> {
    let listed = || schema["enum"].as_array().filter(|values| values.len() == 1)?.first();
    schema.get("const").or_else(listed)
}
