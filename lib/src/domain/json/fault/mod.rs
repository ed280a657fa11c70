//! Faults of a request: what is wrong, and where. Their number and size are bounded.

mod pointer;

pub use pointer::Pointer;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

/// The most faults in a response.
pub const MAX_FAULTS: usize = 100;
/// The most characters of a client's value that a message quotes.
const MAX_QUOTED: usize = 60;
/// The longest name of a query parameter in a fault, in bytes.
const MAX_PARAMETER_LENGTH: usize = 1024;

/// The place of a fault in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Location {
    /// A JSON Pointer (RFC 6901) into the body; empty for the body as a whole.
    Pointer(String),
    /// The name of a query parameter.
    Parameter(String),
    /// The name of a header field.
    Header(&'static str),
}

impl Location {
    fn as_str(&self) -> &str {
        match self {
            Self::Pointer(pointer) => pointer,
            Self::Parameter(name) => name,
            Self::Header(name) => name,
        }
    }
}

/// One fault: an entry of a problem's `details`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    location: Location,
    /// For programs: `too_long`, `required`, `unknown_field` and so on.
    code: &'static str,
    /// For people.
    message: String,
}

impl Fault {
    /// A fault in the body, at a JSON Pointer: a [`Pointer`] or the text of one.
    pub fn body(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        let mut pointer = pointer.into();
        pointer::cut(&mut pointer);
        Self { location: Location::Pointer(pointer), code, message: message.into() }
    }

    /// A fault in a query parameter.
    pub fn parameter(name: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        let mut name = name.into();
        name.truncate(name.floor_char_boundary(MAX_PARAMETER_LENGTH));
        Self { location: Location::Parameter(name), code, message: message.into() }
    }

    /// A fault in a header field.
    pub fn header(name: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { location: Location::Header(name), code, message: message.into() }
    }

    /// The same fault, with `outer` before its pointer.
    fn below(mut self, outer: &Pointer<'_>) -> Self {
        if let Location::Pointer(own) = &mut self.location {
            outer.put_before(own);
        }
        self
    }
}

/// `/name: too_long: At most 200 characters; these are 250`
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.location.as_str(), self.code, self.message)
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        match &self.location {
            Location::Pointer(pointer) => map.serialize_entry("pointer", pointer)?,
            Location::Parameter(name) => map.serialize_entry("parameter", name)?,
            Location::Header(name) => map.serialize_entry("header", name)?,
        }
        map.serialize_entry("code", self.code)?;
        map.serialize_entry("message", &self.message)?;
        map.end()
    }
}

/// The faults of a request: the first 100, and the number of all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    first: Vec<Fault>,
    count: usize,
}

impl Faults {
    /// A single fault.
    pub fn of(fault: Fault) -> Self {
        Self { first: vec![fault], count: 1 }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number of all faults.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds a fault. After the first 100, `fault` is only counted and not called.
    pub fn add(&mut self, fault: impl FnOnce() -> Fault) {
        if self.first.len() < MAX_FAULTS {
            self.first.push(fault());
        }
        self.count = self.count.saturating_add(1);
    }

    /// Adds other faults.
    pub fn extend(&mut self, more: Self) {
        let room = MAX_FAULTS.saturating_sub(self.first.len());
        self.first.extend(more.first.into_iter().take(room));
        self.count = self.count.saturating_add(more.count);
    }

    /// The same faults of a body. The messages of those outside `members` say that the stored value breaks
    /// the rule.
    #[must_use]
    pub(in crate::domain) fn stored_but_in(mut self, members: &[String]) -> Self {
        for fault in &mut self.first {
            if let Location::Pointer(pointer) = &fault.location {
                let token = pointer.split('/').nth(1).unwrap_or_default();
                if !members.iter().any(|member| member == token) {
                    fault.message = format!("The stored value is invalid: {}", fault.message);
                }
            }
        }
        self
    }

    /// The same faults, with at most `room` of them listed.
    #[must_use]
    pub(in crate::domain) fn within(mut self, room: usize) -> Self {
        self.first.truncate(room);
        self
    }

    /// The message of the first.
    pub(in crate::domain) fn first_message(&self) -> Option<&str> {
        self.first.first().map(|fault| &*fault.message)
    }

    /// The first fault with its place, and the number of further ones, in one sentence.
    pub(crate) fn summary(&self) -> String {
        let Some(Fault { location, message, .. }) = self.first.first() else { return String::new() };
        let place = location.as_str();
        let place = match place.char_indices().nth(MAX_QUOTED) {
            Some((end, _)) => format!("{}…: ", place.get(..end).unwrap_or_default()),
            None if place.is_empty() => String::new(),
            None => format!("{place}: "),
        };
        match self.count.saturating_sub(1) {
            0 => format!("{place}{message}"),
            more => format!("{place}{message} (and {more} more)"),
        }
    }

    /// The listed faults. If there are more, a last entry has the number of all.
    pub fn each(&self) -> impl Iterator<Item = Cow<'_, Fault>> {
        let more = (self.count > self.first.len()).then(|| {
            let message =
                format!("There are {} faults; these are the first {}", self.count, self.first.len());
            Cow::Owned(Fault::body("", "too_many_faults", message))
        });
        self.first.iter().map(Cow::Borrowed).chain(more)
    }

    /// The number of listed faults.
    pub(in crate::domain) fn named(&self) -> usize {
        self.first.len()
    }

    /// The same faults, with `outer` before their pointers.
    #[must_use]
    pub fn below(self, outer: &Pointer<'_>) -> Self {
        let first = self.first.into_iter().map(|fault| fault.below(outer)).collect();
        Self { first, count: self.count }
    }

    /// `value`, if there are no faults.
    ///
    /// # Errors
    /// These faults.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self::of(fault)
    }
}

/// A list of the faults. If there are more than are listed, a last entry has the number of all.
impl Serialize for Faults {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for fault in self.each() {
            list.serialize_element(&*fault)?;
        }
        list.end()
    }
}

/// A client's value in quotes, cut to the length that a message may repeat.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests;
