//! Access: roles that may do something, and could not see what they did.

#![expect(clippy::indexing_slicing, reason = "what panics here ends a compilation")]

use super::words::stop;
use crate::domain::{Kind, Role};

/// The roles of a kind.
pub(super) const fn check(kind: &Kind) {
    let access = &kind.access;
    let readers = access.read;
    known(kind, readers);
    readable(kind, access.write, readers, "may write and not read, and an answer shows what was written");
    readable(kind, access.delete, readers, "may delete and not read, and an answer shows what was restored");
    readable(kind, access.owners_only, readers, "sees only its own and may not read");
    readable(kind, access.owners_only, access.write, "sees only its own and may not create any");
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

/// Each of the roles is one of the readers, or of others that it must be among.
const fn readable(kind: &Kind, roles: &[Role], readers: &[Role], fault: &str) {
    let mut at = 0;
    while at < roles.len() {
        let mut reader = 0;
        while reader < readers.len() && readers[reader] as u8 != roles[at] as u8 {
            reader += 1;
        }
        if reader == readers.len() {
            stop(kind, "the role", roles[at].as_str(), fault);
        }
        at += 1;
    }
}
