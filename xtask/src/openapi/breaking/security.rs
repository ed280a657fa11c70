//! Compares the security requirements of an operation.

use serde_json::Value;

use super::findings::Report;
use super::operations::Side;
use super::values::{elements, members, same};

/// Reports ways to authenticate that are no longer enough.
pub(super) fn compare(old: Side, new: Side, report: &mut Report) {
    let (before, after) = (requirements(old), requirements(new));
    for requirement in before {
        if after.iter().any(|asked| is_met(asked, &requirement)) {
            continue;
        }
        let asked = after.iter().map(label).collect::<Vec<_>>().join(" or ");
        report.say("security", format!("now requires {asked}; {} is no longer enough", label(&requirement)));
    }
}

/// The alternatives, each an object of schemes and scopes. The empty object requires nothing.
fn requirements(side: Side) -> Vec<Value> {
    let security = side.operation.get("security").unwrap_or(&side.document["security"]);
    let mut alternatives: Vec<Value> = elements(security).cloned().collect();
    if alternatives.is_empty() {
        alternatives.push(Value::Object(serde_json::Map::new()));
    }
    alternatives
}

/// Whether a client that satisfies `brought` also satisfies `asked`.
fn is_met(asked: &Value, brought: &Value) -> bool {
    members(asked).all(|(scheme, scopes)| {
        brought
            .get(scheme)
            .is_some_and(|held| elements(scopes).all(|scope| elements(held).any(|other| same(scope, other))))
    })
}

/// A requirement as a text.
fn label(requirement: &Value) -> String {
    let schemes: Vec<String> = members(requirement)
        .map(|(scheme, scopes)| match scopes.as_array() {
            Some(list) if !list.is_empty() => format!("{scheme} with {scopes}"),
            _ => scheme.to_owned(),
        })
        .collect();
    if schemes.is_empty() { "no authentication".to_owned() } else { schemes.join(" and ") }
}
