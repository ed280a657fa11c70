//! String helpers for constants, which support neither `for` loops nor `==` on strings nor `format!`.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "what panics here ends a compilation")]

use crate::domain::Kind;

/// Whether a word consists of lower-case letters, digits and `other`, and begins with a letter.
pub(super) const fn is_name(word: &str, other: u8) -> bool {
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

/// The position of a word; the length of the list if it is missing.
pub(super) const fn position(word: &str, words: &[&str]) -> usize {
    let mut at = 0;
    while at < words.len() && !same(words[at], word) {
        at += 1;
    }
    at
}

/// Whether the word at a position also occurs before it.
pub(super) const fn is_repeated(words: &[&str], at: usize) -> bool {
    position(words[at], words) < at
}

/// Whether a word is one of these.
pub(super) const fn among(word: &str, words: &[&str]) -> bool {
    position(word, words) < words.len()
}

/// Whether two words are the same.
pub(super) const fn same(one: &str, other: &str) -> bool {
    equal(one.as_bytes(), other.as_bytes())
}

/// Whether a word has these bytes.
pub(super) const fn is_word(word: &str, bytes: &[u8]) -> bool {
    equal(word.as_bytes(), bytes)
}

/// Whether bytes are the same.
pub(super) const fn equal(one: &[u8], other: &[u8]) -> bool {
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

/// Fails the compilation. A panic in a constant takes one text, so it is assembled here.
pub(super) const fn stop(kind: &Kind, before: &str, word: &str, after: &str) -> ! {
    let mut text = [b' '; 320];
    let mut length = 0;
    let parts = [kind.name, ".rs: ", before, " `", word, "` ", after];
    let mut part = 0;
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        let mut at = 0;
        while at < bytes.len() && length < text.len() {
            // The name of a Rust file has underscores for the hyphens of the kind's name.
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
