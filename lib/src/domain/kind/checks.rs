//! What must hold of declarations, checked when the table of kinds is compiled. A message names the file, which is called
//! like its kind, and the word that is at fault.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "what panics here ends a compilation")]

use super::field::{Controls, List, Text};
use super::{Field, Kind, MAX_INDEXES, Statuses, Type};

/// The most fields of a kind, besides those that the server owns.
const MAX_FIELDS: usize = 50;
/// The most statuses of a kind.
const MAX_STATUSES: usize = 32;

/// Names that mean something else: what the server owns, parameters, and words of `sort`.
const RESERVED: &[&str] = &[
    "id",
    "status",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
    "created",
    "updated",
    "limit",
    "cursor",
    "offset",
    "sort",
    "fields",
    "expand",
];

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
        top_fields(kind, kinds);
        statuses(kind, kind.statuses);
        indexes(kind);
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

/// The fields of a resource.
const fn top_fields(kind: &Kind, kinds: &[&Kind]) {
    if kind.fields.len() > MAX_FIELDS {
        stop(kind, "the field", kind.fields[MAX_FIELDS].name, "is one too many: a kind has 50 at most");
    }
    fields(kind, kind.fields, kinds, true);
    let mut at = 0;
    while at < kind.fields.len() {
        let field = &kind.fields[at];
        if among(field.name, RESERVED) {
            stop(kind, "the field", field.name, "has a name that is reserved");
        }
        if let Some(expansion) = expansion(kind, field) {
            let mut other = 0;
            while other < kind.fields.len() {
                let another = &kind.fields[other];
                if is_word(another.name, expansion) {
                    stop(kind, "the field", another.name, "has the name of what expand gives");
                }
                if other < at
                    && let Some(theirs) = self::expansion(kind, another)
                    && equal(theirs, expansion)
                {
                    stop(kind, "expand has one name for two references; one is", field.name, "");
                }
                other += 1;
            }
        }
        at += 1;
    }
}

/// The bytes of what `expand` calls that which a field refers to.
const fn expansion<'a>(kind: &Kind, field: &'a Field) -> Option<&'a [u8]> {
    if field.refers_to().is_none() {
        return None;
    }
    let suffix: &[u8] = if matches!(field.field_type, Type::List(_)) { b"_ids" } else { b"_id" };
    let name = field.name.as_bytes();
    if name.len() <= suffix.len() {
        stop(kind, "the reference", field.name, "does not end with _id, or a list of them with _ids");
    }
    let (word, end) = name.split_at(name.len() - suffix.len());
    if !equal(end, suffix) {
        stop(kind, "the reference", field.name, "does not end with _id, or a list of them with _ids");
    }
    Some(word)
}

/// Fields of a resource, or of an object in it.
const fn fields(kind: &Kind, fields: &[Field], kinds: &[&Kind], top: bool) {
    let mut at = 0;
    while at < fields.len() {
        let field = &fields[at];
        if !is_name(field.name, b'_') {
            stop(kind, "the field", field.name, "is not made of a-z, 0-9 and _, beginning with a letter");
        }
        let mut before = 0;
        while before < at {
            if same(fields[before].name, field.name) {
                stop(kind, "the field", field.name, "is declared twice");
            }
            before += 1;
        }
        if field.required && field.default.is_some() {
            stop(kind, "the field", field.name, "is required, and has a default that is never used");
        }
        if !top && (field.immutable || field.unlisted || field.searched) {
            stop(
                kind,
                "the field",
                field.name,
                "is within an object: only the object is immutable, unlisted or searched",
            );
        }
        if top && field.unlisted && field.searched {
            stop(kind, "the field", field.name, "is unlisted, and search gives what lists give");
        }
        field_type(kind, field, field.name, kinds);
        at += 1;
    }
}

const fn field_type(kind: &Kind, field: &Field, name: &str, kinds: &[&Kind]) {
    match field.field_type {
        Type::Choice(words) => words_of(kind, words, name),
        Type::Reference(to) => {
            let mut found = false;
            let mut at = 0;
            while at < kinds.len() {
                found = found || same(kinds[at].name, to);
                at += 1;
            }
            if !found {
                stop(kind, "a reference leads to", to, "which is no kind of this table");
            }
        }
        Type::Object(inner) => fields(kind, inner, kinds, false),
        Type::List(List { item, .. }) => {
            if matches!(item.field_type, Type::List(_)) {
                stop(kind, "the items of", name, "are lists: make them objects");
            }
            if item.required || item.default.is_some() || item.immutable || item.unlisted || item.searched {
                stop(kind, "an item of", name, "is always there, and has no default and no switches");
            }
            field_type(kind, item, name, kinds);
        }
        _ => {}
    }
}

const fn words_of(kind: &Kind, words: &[&str], name: &str) {
    if words.is_empty() {
        stop(kind, "the choice", name, "has no words");
    }
    let mut at = 0;
    while at < words.len() {
        let bytes = words[at].as_bytes();
        let mut byte = 0;
        while byte < bytes.len() {
            if bytes[byte] < b' ' || bytes[byte] == 0x7f {
                stop(kind, "the choice", name, "has a word with a control character");
            }
            byte += 1;
        }
        if bytes.is_empty() || bytes.len() > 100 {
            stop(kind, "the choice", name, "has a word that is empty or longer than 100 bytes");
        }
        if is_repeated(words, at) {
            stop(kind, "the choice has twice the word", words[at], "");
        }
        at += 1;
    }
}

const fn statuses(kind: &Kind, statuses: Statuses) {
    let words = statuses.words;
    if words.len() > MAX_STATUSES {
        stop(kind, "the status", words[MAX_STATUSES], "is one too many: a kind has 32 at most");
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

/// Every status can be come to from the initial one.
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

const fn indexes(kind: &Kind) {
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
    let mut at = 0;
    while at < kind.fields.len() && !same(kind.fields[at].name, name) {
        at += 1;
    }
    if at == kind.fields.len() {
        stop(kind, "an index names", name, "which is no field");
    }
    let field = &kind.fields[at];
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

/// Whether a word is made of lower-case letters, digits and one other character, beginning with a letter.
const fn is_name(word: &str, other: u8) -> bool {
    let bytes = word.as_bytes();
    if bytes.is_empty() || bytes.len() > 64 || !bytes[0].is_ascii_lowercase() {
        return false;
    }
    let mut at = 1;
    while at < bytes.len() {
        let byte = bytes[at];
        if !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == other) {
            return false;
        }
        at += 1;
    }
    true
}

const fn position(word: &str, words: &[&str]) -> usize {
    let mut at = 0;
    while at < words.len() && !same(words[at], word) {
        at += 1;
    }
    at
}

/// Whether the word at a place stands before it, too.
const fn is_repeated(words: &[&str], at: usize) -> bool {
    position(words[at], words) < at
}

const fn among(word: &str, words: &[&str]) -> bool {
    position(word, words) < words.len()
}

const fn same(one: &str, other: &str) -> bool {
    equal(one.as_bytes(), other.as_bytes())
}

const fn is_word(word: &str, bytes: &[u8]) -> bool {
    equal(word.as_bytes(), bytes)
}

const fn equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Ends the compilation. A panic of a constant takes one text, so it is put together here.
const fn stop(kind: &Kind, before: &str, word: &str, after: &str) -> ! {
    let mut text = [b' '; 320];
    let mut length = 0;
    let parts = [kind.name, ".rs: ", before, " `", word, "` ", after];
    let mut part = 0;
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        let mut at = 0;
        while at < bytes.len() && length < text.len() {
            // A file of Rust has an underscore where a path has a hyphen.
            text[length] = if part == 0 && bytes[at] == b'-' { b'_' } else { bytes[at] };
            length += 1;
            at += 1;
        }
        part += 1;
    }
    match core::str::from_utf8(text.split_at(length).0) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("a declaration contradicts itself"),
    }
}
