//! Checks fields: their names, types and options.

#![expect(clippy::indexing_slicing, reason = "what panics here ends a compilation")]

use super::words::{among, equal, is_name, is_repeated, is_word, same, stop};
use crate::domain::{Field, Kind, List, Text, Type};

/// The most ids of a list of references.
const MAX_REFERENCES: usize = 100;
/// The most characters of a text field, unless it is unlisted.
const MAX_LISTED_LENGTH: usize = 2000;
/// The most items of a list field, unless it is unlisted.
const MAX_LISTED_ITEMS: usize = 100;
/// The most fields of a kind, besides those that the server owns.
const MAX_FIELDS: usize = 50;

/// Names with another meaning: fields that the server owns, query parameters, and words of `sort`.
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

/// Checks the fields of a resource.
pub(super) const fn check(kind: &Kind, kinds: &[&Kind]) {
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
        if let Some(to) = field.refers_to()
            && field.must_exist
            && field.required
            && least(field) > 0
            && same(to, kind.name)
        {
            stop(
                kind,
                "the reference",
                field.name,
                "refers to its own kind and is required, so no first resource could be created",
            );
        }
        if let Some(expansion) = expansion(kind, field) {
            let mut reserved = 0;
            while reserved < RESERVED.len() {
                if is_word(RESERVED[reserved], expansion) {
                    stop(kind, "expand would give a reserved name for", field.name, "");
                }
                reserved += 1;
            }
            let mut other = 0;
            while other < kind.fields.len() {
                let another = &kind.fields[other];
                if is_word(another.name, expansion) {
                    stop(kind, "the field", another.name, "has the name of a member that expand adds");
                }
                if is_list(field) && is_unresolved(another.name, field.name) {
                    stop(kind, "the field", another.name, "has the name of a member that expand adds");
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

/// The field of a name. If there is none, the compilation fails; `who` begins the message.
pub(super) const fn field(kind: &Kind, who: &str, name: &str) -> &'static Field {
    let mut at = 0;
    while at < kind.fields.len() && !same(kind.fields[at].name, name) {
        at += 1;
    }
    if at == kind.fields.len() {
        stop(kind, who, name, "which is no field");
    }
    &kind.fields[at]
}

/// The name of a reference in `expand`, as bytes.
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

const fn is_list(field: &Field) -> bool {
    matches!(field.field_type, Type::List(_))
}

/// The least number of references in a required field.
const fn least(field: &Field) -> usize {
    match field.field_type {
        Type::List(List { least, .. }) => least,
        _ => 1,
    }
}

/// Whether a word is the name of the member that `expand` adds for the ids of a list that do not exist.
const fn is_unresolved(word: &str, list: &str) -> bool {
    let (word, prefix) = (word.as_bytes(), b"unresolved_");
    if word.len() != prefix.len() + list.len() {
        return false;
    }
    let (beginning, end) = word.split_at(prefix.len());
    equal(beginning, prefix) && equal(end, list.as_bytes())
}

/// Checks that listed fields and lists of references are bounded: every index holds them, and `expand` may
/// read all targets in one request.
pub(super) const fn check_bounds(kind: &Kind) {
    let mut at = 0;
    while at < kind.fields.len() {
        let field = &kind.fields[at];
        match field.field_type {
            Type::List(List { most, .. }) if field.refers_to().is_some() && most > MAX_REFERENCES => {
                stop(kind, "the references", field.name, "have no bound: .length(0, 100) at most");
            }
            Type::Text(Text { most, .. }) if !field.unlisted && most > MAX_LISTED_LENGTH => {
                stop(
                    kind,
                    "the text",
                    field.name,
                    "is listed and has no bound: .length(0, 2000) at most, or .unlisted()",
                );
            }
            Type::List(List { most, .. }) if field.is_listed() && most > MAX_LISTED_ITEMS => {
                stop(
                    kind,
                    "the list",
                    field.name,
                    "is listed and has no bound: .length(0, 100) at most, or .unlisted()",
                );
            }
            Type::Json if !field.unlisted => {
                stop(kind, "the free-form object", field.name, "is listed and may be large: .unlisted()");
            }
            _ => {}
        }
        at += 1;
    }
}

/// Checks the fields of a resource, or of an object in it.
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
        if !top && (field.immutable || field.unlisted || field.searched || field.must_exist) {
            stop(
                kind,
                "the field",
                field.name,
                "is within an object, whose fields cannot be immutable, unlisted, searched or must_exist",
            );
        }
        if top && field.unlisted && field.searched {
            stop(kind, "the field", field.name, "is unlisted, and search shows listed fields by default");
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
            let switched = item.immutable || item.unlisted || item.searched || item.must_exist;
            if item.required || item.default.is_some() || switched {
                stop(kind, "an item of", name, "is always present, so it has no default and no options");
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
