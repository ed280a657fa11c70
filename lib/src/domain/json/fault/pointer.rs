//! A place in a JSON document.

use std::fmt;

/// The longest pointer that is written, in bytes.
const MAX_LENGTH: usize = 1024;

/// A place in a JSON document: a chain of members and items, on the stack of whoever walks the document. It becomes text,
/// a JSON Pointer (RFC 6901), only where a fault is named. A text longer than 1,024 bytes is cut at its last whole token.
#[derive(Debug, Clone, Copy)]
pub enum Pointer<'a> {
    /// The whole document.
    Root,
    /// A member of the object at a place.
    Member(&'a Pointer<'a>, &'a str),
    /// An item of the array at a place.
    Item(&'a Pointer<'a>, usize),
}

impl<'a> Pointer<'a> {
    /// A member of the object here.
    #[must_use]
    pub fn member(&'a self, name: &'a str) -> Self {
        Self::Member(self, name)
    }

    /// An item of the array here.
    #[must_use]
    pub fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }

    /// Makes the text of a pointer below this place one of the whole document.
    pub(super) fn put_before(&self, text: &mut String) {
        let mut outer = String::new();
        if self.write(&mut outer) {
            text.insert_str(0, &outer);
            cut(text);
        } else {
            *text = outer;
        }
    }

    /// Writes the tokens that lead here, as far as there is room. Gives whether there was.
    fn write(&self, text: &mut String) -> bool {
        match self {
            Self::Root => true,
            Self::Member(outer, name) => outer.write(text) && push(text, name),
            Self::Item(outer, index) => outer.write(text) && push(text, &index.to_string()),
        }
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}

impl From<&Pointer<'_>> for String {
    fn from(pointer: &Pointer<'_>) -> Self {
        pointer.to_string()
    }
}

/// Appends a token, escaped as RFC 6901, section 3, says, if there is room. A long one is not even looked through.
fn push(text: &mut String, token: &str) -> bool {
    if text.len() + 1 + token.len() > MAX_LENGTH {
        return false;
    }
    let escaped = token.replace('~', "~0").replace('/', "~1");
    let fits = text.len() + 1 + escaped.len() <= MAX_LENGTH;
    if fits {
        text.push('/');
        text.push_str(&escaped);
    }
    fits
}

/// Cuts the text of a pointer at its last whole token where it is too long.
pub(super) fn cut(text: &mut String) {
    if text.len() > MAX_LENGTH {
        // A slash stands before each token and within none.
        let end = text.bytes().take(MAX_LENGTH + 1).rposition(|byte| byte == b'/');
        text.truncate(end.unwrap_or_default());
    }
}
