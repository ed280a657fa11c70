//! Compares two `OpenAPI` documents: their paths, operations and webhooks.
//!
//! One rule decides everything below: what a client of the old document sends must still be accepted, and
//! what it receives must be as the old document describes it.

mod alternatives;
mod contents;
mod directions;
mod findings;
mod keywords;
mod merging;
mod operations;
mod parameters;
mod references;
mod schemas;
mod security;
#[cfg(test)]
mod tests;
mod values;
mod variants;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use operations::Side;
use references::behind;
use values::members;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The changes that a client of the old document would notice, as sorted lines such as
/// `GET /orders 200: data[].total: is removed`. Each change of a component is listed once for an operation.
#[must_use]
pub(crate) fn breaking(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = BTreeSet::new();
    let new_paths: BTreeMap<String, (&str, &Value)> =
        members(&new["paths"]).map(|(path, item)| (without_names(path), (path, behind(new, item)))).collect();
    for (path, item) in members(&old["paths"]) {
        let old_item = behind(old, item);
        let Some(&(new_path, new_item)) = new_paths.get(&without_names(path)) else {
            if methods(old_item).any(|method| !is_deprecated(&old_item[method])) {
                lines.insert(format!("{path}: is removed"));
            }
            continue;
        };
        let before = Item { document: old, path, methods: old_item };
        let after = Item { document: new, path: new_path, methods: new_item };
        lines.extend(compare_items(before, after, |method| format!("{method} {path}"), operations::compare));
    }
    for (webhook, item) in members(&old["webhooks"]) {
        let before = Item { document: old, path: "", methods: behind(old, item) };
        let after = Item { document: new, path: "", methods: behind(new, &new["webhooks"][webhook]) };
        let name = |method: &str| format!("webhook {webhook} {method}");
        lines.extend(compare_items(before, after, name, operations::compare_webhook));
    }
    lines.into_iter().collect()
}

/// A path or a webhook of one document.
#[derive(Clone, Copy)]
struct Item<'a> {
    document: &'a Value,
    path: &'a str,
    methods: &'a Value,
}

/// The lines of each method that the old item has.
fn compare_items(
    old: Item,
    new: Item,
    name: impl Fn(&str) -> String,
    compare: fn(&str, Side, Side) -> Vec<String>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for method in methods(old.methods) {
        let name = name(&method.to_uppercase());
        if new.methods[method].is_null() {
            if !is_deprecated(&old.methods[method]) {
                lines.push(format!("{name}: is removed"));
            }
            continue;
        }
        let side = |Item { document, path, methods }| Side {
            document,
            path,
            item: methods,
            operation: &methods[method],
        };
        lines.extend(compare(&name, side(old), side(new)));
    }
    lines
}

/// The methods that an item has.
fn methods(item: &Value) -> impl Iterator<Item = &'static str> {
    METHODS.into_iter().filter(|method| !item[*method].is_null())
}

/// Whether the removal of an operation was announced. It is not checked whether its `Sunset` has passed.
fn is_deprecated(operation: &Value) -> bool {
    operation["deprecated"].as_bool().unwrap_or_default()
}

/// A path template without the names of its parameters. Requests do not have these names, so a path with
/// other names is the same path.
fn without_names(path: &str) -> String {
    let mut parts = path.split('{');
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shape.push_str("{}");
        shape.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    shape
}
