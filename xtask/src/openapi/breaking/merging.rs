//! Merges the keywords of two schemas that must both hold.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::values::{kind_fits, order, same};

pub(super) type Keywords = Map<String, Value>;

/// The conjunction of two sets of keywords.
pub(super) fn merged(mut one: Keywords, other: Keywords) -> Keywords {
    for (keyword, value) in other {
        let both = match one.remove(&keyword) {
            None => value,
            Some(first) => both(&keyword, first, value),
        };
        one.insert(keyword, both);
    }
    one
}

/// The conjunction of two values of a keyword.
fn both(keyword: &str, one: Value, other: Value) -> Value {
    match (keyword, one, other) {
        (_, one, other) if same(&one, &other) => one,
        ("properties", Value::Object(mut one), Value::Object(other)) => {
            for (name, schema) in other {
                let schema = match one.remove(&name) {
                    None => schema,
                    Some(first) => conjunction(first, schema),
                };
                one.insert(name, schema);
            }
            Value::Object(one)
        }
        ("items" | "additionalProperties" | "unevaluatedProperties", one, other) => conjunction(one, other),
        ("enum", Value::Array(mut one), Value::Array(other)) => {
            one.retain(|value| other.iter().any(|other| same(value, other)));
            Value::Array(one)
        }
        ("type", one, other) => common_kinds(&one, &other),
        (_, Value::Number(one), Value::Number(other)) if is_bound(keyword) => {
            let first_is_less = order(&one, &other).is_some_and(Ordering::is_le);
            Value::Number(if first_is_less == keyword.to_lowercase().contains("max") { one } else { other })
        }
        // Both lists of required properties must hold, and both patterns.
        (_, Value::Array(one), Value::Array(other)) => united(one, other),
        (_, Value::Array(one), other) => united(one, vec![other]),
        (_, one, other) => united(vec![one], vec![other]),
    }
}

/// Whether a keyword is a bound. Of two bounds, the narrower one holds.
fn is_bound(keyword: &str) -> bool {
    ["min", "max", "exclusiveM"].iter().any(|start| keyword.starts_with(start))
}

/// The schema of the values that both schemas allow. The same parts always give the same schema, so that a
/// schema that contains itself is recognised.
fn conjunction(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Bool(false), _) | (_, Value::Bool(false)) => Value::Bool(false),
        (Value::Bool(true), schema) | (schema, Value::Bool(true)) => schema,
        (one, other) => {
            let parts = |schema: Value| match schema {
                Value::Object(mut map) if map.len() == 1 && map.contains_key("allOf") => {
                    map.remove("allOf").and_then(|list| list.as_array().cloned()).unwrap_or_default()
                }
                schema => vec![schema],
            };
            Value::Object(Keywords::from_iter([("allOf".to_owned(), united(parts(one), parts(other)))]))
        }
    }
}

/// The union of two lists, sorted.
fn united(mut one: Vec<Value>, other: Vec<Value>) -> Value {
    one.extend(other);
    one.sort_by_cached_key(Value::to_string);
    one.dedup();
    Value::Array(one)
}

/// The types that two types, or lists of types, have in common. An integer is also a number.
fn common_kinds(one: &Value, other: &Value) -> Value {
    let list = |kinds: &Value| kinds.as_array().cloned().unwrap_or_else(|| vec![kinds.clone()]);
    let fits = |kind: &Value, among: &[Value]| {
        let name = kind.as_str().unwrap_or_default();
        among.iter().filter_map(Value::as_str).any(|other| kind_fits(name, other))
    };
    let (one, other) = (list(one), list(other));
    let from = |kinds: &[Value], among: &[Value]| -> Vec<Value> {
        kinds.iter().filter(|kind| fits(kind, among)).cloned().collect()
    };
    united(from(&one, &other), from(&other, &one))
}
