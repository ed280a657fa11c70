//! Checks access: no role may write or delete resources that it may not read.

#![expect(clippy::indexing_slicing, reason = "what panics here ends a compilation")]

use super::words::stop;
use crate::domain::{Kind, Role};

/// Checks the roles of a kind.
pub(super) const fn check(kind: &Kind) {
    let access = &kind.access;
    let readers = access.read;
    known(kind, readers);
    all_among(
        kind,
        access.write,
        readers,
        "may write but not read, and a response contains the written resource",
    );
    all_among(
        kind,
        access.delete,
        readers,
        "may delete but not read, and the response to a restore contains the resource",
    );
    all_among(kind, access.owners_only, readers, "sees only its own and may not read");
    all_among(kind, access.owners_only, access.write, "sees only its own and may not create any");
}

const fn known(kind: &Kind, roles: &[Role]) {
    let mut at = 0;
    while at < roles.len() {
        if matches!(roles[at], Role::Unknown) {
            stop(kind, "access names the role", roles[at].as_str(), "which may do nothing");
        }
        at += 1;
    }
}

/// Checks that each of the roles is one of `others`.
const fn all_among(kind: &Kind, roles: &[Role], others: &[Role], fault: &str) {
    let mut at = 0;
    while at < roles.len() {
        let mut other = 0;
        while other < others.len() && others[other] as u8 != roles[at] as u8 {
            other += 1;
        }
        if other == others.len() {
            stop(kind, "the role", roles[at].as_str(), fault);
        }
        at += 1;
    }
}
