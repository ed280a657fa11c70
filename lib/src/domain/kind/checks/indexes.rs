//! Checks indexes: what they are over, and their number.

#![expect(clippy::indexing_slicing, reason = "what panics here ends a compilation")]

use super::fields::field;
use super::words::{among, is_repeated, same, stop};
use crate::domain::{Controls, Kind, MAX_INDEXES, Text, Type};

/// Checks the indexes of a kind.
pub(super) const fn check(kind: &Kind) {
    if kind.indexes.len() > MAX_INDEXES {
        stop(kind, "the index", kind.indexes[MAX_INDEXES], "is one too many: the table has 8");
    }
    let mut at = 0;
    while at < kind.indexes.len() {
        let name = kind.indexes[at];
        if is_repeated(kind.indexes, at) {
            stop(kind, "the index", name, "is declared twice");
        }
        if !same(name, "status") && !same(name, "created_by") {
            index(kind, name);
        }
        at += 1;
    }
    let mut at = 0;
    while at < kind.filling.len() {
        if !among(kind.filling[at], kind.indexes) {
            stop(kind, "filling() names", kind.filling[at], "which is no index");
        }
        at += 1;
    }
}

const fn index(kind: &Kind, name: &str) {
    let field = field(kind, "an index names", name);
    if field.unlisted && field.refers_to().is_none() {
        stop(kind, "the indexed field", name, "is unlisted, and lists show what they are sorted by");
    }
    match field.field_type {
        Type::Json | Type::Object(_) | Type::List(_) => {
            stop(kind, "the indexed field", name, "is an object or a list, which have no order");
        }
        Type::Text(Text { controls: Controls::Any, .. }) => {
            stop(kind, "the indexed field", name, "may hold any characters, also those that end a key");
        }
        _ => {}
    }
}
