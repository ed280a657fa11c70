//! Checks declarations when the table of kinds is compiled. A message names the file, which has the name of
//! the kind, and the word that is at fault.

#![expect(clippy::indexing_slicing, reason = "what panics here ends a compilation")]

mod access;
mod fields;
mod indexes;
mod statuses;
mod unique;
mod words;

use self::words::{is_name, same, stop};
use super::Kind;

/// Checks a table of kinds.
pub(super) const fn all(kinds: &[&Kind]) {
    let mut at = 0;
    while at < kinds.len() {
        let kind = kinds[at];
        let mut before = 0;
        while before < at {
            if same(kinds[before].name, kind.name) {
                stop(kind, "the kind", kind.name, "stands twice in the table");
            }
            if same(kinds[before].singular, kind.singular) {
                stop(kind, "another kind has the singular", kind.singular, "");
            }
            before += 1;
        }
        names(kind);
        fields::check(kind, kinds);
        statuses::check(kind, kind.statuses);
        indexes::check(kind);
        fields::check_bounds(kind);
        unique::check(kind);
        access::check(kind);
        at += 1;
    }
}

const fn names(kind: &Kind) {
    if !is_name(kind.name, b'-') {
        stop(kind, "the name", kind.name, "is not made of a-z, 0-9 and -, beginning with a letter");
    }
    if !is_name(kind.singular, b'-') {
        stop(kind, "the singular", kind.singular, "is not made of a-z, 0-9 and -, beginning with a letter");
    }
}
