//! The comparison of two API documents: which paths, operations and webhooks are still there.
//!
//! One rule decides everything below: what the client of the old document sends must still be taken, and
//! what it now receives must be something it was told of.

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

/// Takes a document as it was and as it is, and gives what a client of the old one would notice: a sorted
/// list of lines such as `GET /orders 200: data[].total: is gone`, each change of a
/// component named once per operation.
#[must_use]
pub(crate) fn breaking(old: &Value, new: &Value) -> Vec<String> {
    let mut lines = BTreeSet::new();
    let new_paths: BTreeMap<String, (&str, &Value)> =
        members(&new["paths"]).map(|(path, item)| (without_names(path), (path, behind(new, item)))).collect();
    for (path, item) in members(&old["paths"]) {
        let old_item = behind(old, item);
        let Some(&(new_path, new_item)) = new_paths.get(&without_names(path)) else {
            if methods(old_item).any(|method| !is_deprecated(&old_item[method])) {
                lines.insert(format!("{path}: is gone"));
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

/// Gives the lines of each method that the old item has.
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
                lines.push(format!("{name}: is gone"));
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

/// Gives the methods that an item has.
fn methods(item: &Value) -> impl Iterator<Item = &'static str> {
    METHODS.into_iter().filter(|method| !item[*method].is_null())
}

/// Whether the end of an operation was announced. Whether its `Sunset` has passed is for whoever removes it to see.
fn is_deprecated(operation: &Value) -> bool {
    operation["deprecated"].as_bool().unwrap_or_default()
}

/// Takes a path template and gives it without the names of its parameters: they never travel, so a path
/// whose parameter is called otherwise is the same path.
fn without_names(path: &str) -> String {
    let mut parts = path.split('{');
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shape.push_str("{}");
        shape.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    shape
}
