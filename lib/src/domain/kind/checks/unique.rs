//! Checks unique constraints: their fields exist and can be compared, and no constraint is declared twice.

#![expect(clippy::indexing_slicing, reason = "what panics here ends a compilation")]

use super::fields::field;
use super::words::{among, is_repeated, same, stop};
use crate::domain::{Kind, Type};

/// The most fields of a unique constraint.
const MAX_FIELDS: usize = 8;
/// The most unique constraints of a kind: each is an action of a resource's transaction.
const MAX_VALUES: usize = 8;

/// Checks the unique constraints of a kind.
pub(super) const fn check(kind: &Kind) {
    if kind.unique.len() > MAX_VALUES {
        stop(
            kind,
            "the unique constraint over",
            first(kind, MAX_VALUES),
            "is one too many: a kind has 8 at most",
        );
    }
    let mut at = 0;
    while at < kind.unique.len() {
        let fields = kind.unique[at];
        if fields.is_empty() || fields.len() > MAX_FIELDS {
            stop(kind, "a unique constraint, over", first(kind, at), "does not name 1 to 8 fields");
        }
        let mut before = 0;
        while before < at {
            if is_same_set(kind.unique[before], fields) {
                stop(kind, "a unique constraint is declared twice, over", fields[0], "");
            }
            before += 1;
        }
        let mut field = 0;
        while field < fields.len() {
            if is_repeated(fields, field) {
                stop(kind, "a unique constraint repeats the field", fields[field], "");
            }
            if !same(fields[field], "status") && !same(fields[field], "created_by") {
                unique_field(kind, fields[field]);
            }
            field += 1;
        }
        at += 1;
    }
}

const fn first<'a>(kind: &Kind, at: usize) -> &'a str {
    let fields = kind.unique[at];
    if fields.is_empty() { "" } else { fields[0] }
}

const fn is_same_set(one: &[&str], other: &[&str]) -> bool {
    let mut at = 0;
    while at < one.len() && among(one[at], other) {
        at += 1;
    }
    at == one.len() && one.len() == other.len()
}

const fn unique_field(kind: &Kind, name: &str) {
    let field = field(kind, "a unique constraint names", name);
    if matches!(field.field_type, Type::Json | Type::Object(_) | Type::List(_)) {
        stop(kind, "the unique field", name, "is an object or a list, which are not compared");
    }
}
