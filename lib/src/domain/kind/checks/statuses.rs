//! Checks statuses and their transitions.

#![expect(clippy::indexing_slicing, reason = "what panics here ends a compilation")]

use super::words::{among, is_name, is_repeated, position, same, stop};
use crate::domain::{Kind, Lists, Statuses};

/// The most statuses of a kind.
const MAX_STATUSES: usize = 32;
/// The most statuses of a kind with [`Lists::ByStatus`].
const MAX_LISTED_BY_STATUS: usize = 8;

/// Checks the statuses of a kind.
pub(super) const fn check(kind: &Kind, statuses: Statuses) {
    let words = statuses.words;
    if words.len() > MAX_STATUSES {
        stop(kind, "the status", words[MAX_STATUSES], "is one too many: a kind has 32 at most");
    }
    if matches!(kind.lists, Lists::ByStatus) && words.len() > MAX_LISTED_BY_STATUS {
        stop(
            kind,
            "the status",
            words[MAX_LISTED_BY_STATUS],
            "is one too many: Lists::ByStatus has a query for each of 8 at most",
        );
    }
    let mut at = 0;
    while at < words.len() {
        if !is_name(words[at], b'-') && !is_name(words[at], b'_') {
            stop(
                kind,
                "the status",
                words[at],
                "is not made of a-z, 0-9 and - or _, beginning with a letter",
            );
        }
        if same(words[at], "deleted") {
            stop(kind, "the status", words[at], "is the server's own");
        }
        if is_repeated(words, at) {
            stop(kind, "the status", words[at], "is declared twice");
        }
        at += 1;
    }
    if !among(statuses.initial, words) {
        stop(kind, "the initial status", statuses.initial, "is none of its statuses");
    }
    if let Some(transitions) = statuses.transitions {
        reachable(kind, statuses, transitions);
    }
}

/// Checks that every status can be reached from the initial one.
const fn reachable(kind: &Kind, statuses: Statuses, transitions: &[(&str, &[&str])]) {
    let words = statuses.words;
    let mut reached = [false; MAX_STATUSES];
    reached[position(statuses.initial, words)] = true;
    let mut round = 0;
    while round < words.len() {
        let mut at = 0;
        while at < transitions.len() {
            let (from, to) = transitions[at];
            if !among(from, words) {
                stop(kind, "a transition leaves", from, "which is no status");
            }
            let mut before = 0;
            while before < at {
                if same(transitions[before].0, from) {
                    stop(kind, "two entries of transitions leave", from, "");
                }
                before += 1;
            }
            let mut target = 0;
            while target < to.len() {
                if !among(to[target], words) {
                    stop(kind, "a transition leads to", to[target], "which is no status");
                }
                if reached[position(from, words)] {
                    reached[position(to[target], words)] = true;
                }
                target += 1;
            }
            at += 1;
        }
        round += 1;
    }
    let mut at = 0;
    while at < words.len() {
        if !reached[at] {
            stop(kind, "no transition leads to the status", words[at], "");
        }
        at += 1;
    }
}
