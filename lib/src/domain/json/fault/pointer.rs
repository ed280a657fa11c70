//! A place in a JSON document.

use std::fmt;

/// The longest pointer, in bytes.
const MAX_LENGTH: usize = 1024;

/// A place in a JSON document: a chain of members and items, on the stack of the function that walks the
/// document. It becomes text, a JSON Pointer (RFC 6901), only if a fault is reported there. A text longer
/// than 1,024 bytes is cut after its last whole token.
#[derive(Debug, Clone, Copy)]
pub enum Pointer<'a> {
    /// The whole document.
    Root,
    /// A member of an object.
    Member(&'a Pointer<'a>, &'a str),
    /// An item of an array.
    Item(&'a Pointer<'a>, usize),
}

impl<'a> Pointer<'a> {
    /// A member of the object at this place.
    #[must_use]
    pub fn member(&'a self, name: &'a str) -> Self {
        Self::Member(self, name)
    }

    /// An item of the array at this place.
    #[must_use]
    pub fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }

    /// Prefixes the text of a pointer relative to this place, so that it is relative to the whole document.
    pub(super) fn put_before(&self, text: &mut String) {
        let mut outer = String::new();
        if self.write(&mut outer) {
            text.insert_str(0, &outer);
            cut(text);
        } else {
            *text = outer;
        }
    }

    /// Writes the tokens of this place, as far as they fit. Returns whether all fitted.
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

/// Appends a token if it fits, escaped as in RFC 6901, section 3. A token that is too long is not scanned.
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

/// Cuts the text of a pointer after its last whole token if it is too long.
pub(super) fn cut(text: &mut String) {
    if text.len() > MAX_LENGTH {
        // Tokens are preceded by a slash, and contain none.
        let end = text.bytes().take(MAX_LENGTH + 1).rposition(|byte| byte == b'/');
        text.truncate(end.unwrap_or_default());
    }
}
