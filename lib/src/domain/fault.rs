//! One thing that is wrong with a request, and where.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// Where in a request a fault is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A JSON Pointer (RFC 6901) into the body; empty for the body as a whole.
    Pointer(String),
    /// The name of a query parameter.
    Parameter(String),
    /// The name of a header field.
    Header(&'static str),
}

/// One fault: an entry of a problem's `details`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub location: Location,
    /// What it is, for a program: `too_long`, `required`, `unknown_field` and so on.
    pub code: &'static str,
    /// What it is, for a person.
    pub message: String,
}

impl Fault {
    /// A fault in the body, at a JSON Pointer.
    pub fn body(pointer: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { location: Location::Pointer(pointer.into()), code, message: message.into() }
    }

    /// A fault in a query parameter.
    pub fn parameter(name: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { location: Location::Parameter(name.into()), code, message: message.into() }
    }

    /// A fault in a header field.
    pub fn header(name: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { location: Location::Header(name), code, message: message.into() }
    }
}

impl Fault {
    /// The same fault of a body that is a part of another, at a JSON Pointer.
    #[must_use]
    pub fn below(mut self, pointer: &str) -> Self {
        if let Location::Pointer(own) = &mut self.location {
            own.insert_str(0, pointer);
        }
        self
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

/// Appends a member name or index to a JSON Pointer, escaped as RFC 6901, section 3, says.
pub(super) fn join(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}
