//! A resource's free-form attributes: a JSON object of bounded depth whose numbers DynamoDB holds exactly.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::ser::{CharEscape, Formatter, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::domain::{Fault, Faults, NumberError, Pointer, exact_decimal};

/// How many objects and arrays may be nested in each other, the attributes themselves being the first.
pub const MAX_DEPTH: usize = 32;

/// What stands for the quotes around a string in a text without escapes: a byte that UTF-8 has not.
const QUOTE: u8 = 0xff;

/// The attributes of a resource, as one JSON text: members in the order of their names, numbers in one spelling, no white
/// space, so that equal values are equal texts.
///
/// The text and not its parts, for these take up to 90 times the memory, and nobody but a patch looks into them. And where
/// JSON would escape characters, which takes up to 6 times what they are, the text is without the escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// A JSON text in which nothing is escaped.
    Json(Arc<str>),
    /// A text in which something would be: its strings are as they are, between [`QUOTE`]s.
    WithoutEscapes(Arc<[u8]>),
}

impl Attributes {
    /// Takes an object from a request's body at some place, and adds a fault for each thing that cannot be kept.
    pub fn from_request(object: Map<String, Value>, at: &Pointer<'_>, faults: &mut Faults) -> Self {
        Self::of(checked_object(object, at, 1, faults))
    }

    /// Takes an object whose numbers have the one spelling.
    pub fn of(object: Map<String, Value>) -> Self {
        let mut object = Value::Object(object);
        object.sort_all_objects();
        let (mut bytes, mut strings) = (Vec::new(), Strings::default());
        // Writing to memory does not fail.
        let _ = object.serialize(&mut Serializer::with_formatter(&mut bytes, &mut strings));
        if strings.have_escapes {
            Self(Form::WithoutEscapes(bytes.into()))
        } else {
            Self(Form::Json(object.to_string().into()))
        }
    }

    /// Takes the text that [`Self::as_json`] gave.
    pub fn from_json(text: impl Into<Arc<str>>) -> Self {
        Self(Form::Json(text.into()))
    }

    /// Takes the bytes that [`Self::as_bytes`] gave where there is no such text.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(Form::WithoutEscapes(bytes.into()))
    }

    /// The JSON text, where nothing in it is escaped.
    pub fn as_json(&self) -> Option<&str> {
        match &self.0 {
            Form::Json(text) => Some(text),
            Form::WithoutEscapes(_) => None,
        }
    }

    /// What is kept: the JSON text, or what stands for it.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Form::Json(text) => text.as_bytes(),
            Form::WithoutEscapes(bytes) => bytes,
        }
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Self::from_json("{}")
    }
}

impl Serialize for Attributes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = match &self.0 {
            Form::Json(text) => Cow::Borrowed(&**text),
            Form::WithoutEscapes(bytes) => Cow::Owned(with_escapes(bytes).map_err(S::Error::custom)?),
        };
        let json: &RawValue = serde_json::from_str(&text).map_err(S::Error::custom)?;
        json.serialize(serializer)
    }
}

fn with_escapes(bytes: &[u8]) -> Result<String, Box<dyn Error>> {
    let mut text = String::with_capacity(bytes.len());
    for (number, part) in bytes.split(|byte| *byte == QUOTE).enumerate() {
        let part = str::from_utf8(part)?;
        if number % 2 == 0 { text.push_str(part) } else { text.push_str(&serde_json::to_string(part)?) }
    }
    Ok(text)
}

/// Writes strings as they are, and notes whether JSON would escape something in them.
#[derive(Default)]
struct Strings {
    have_escapes: bool,
}

impl Formatter for &mut Strings {
    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&[QUOTE])
    }

    fn end_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&[QUOTE])
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        self.have_escapes = true;
        writer.write_all(&[match escape {
            CharEscape::Quote => b'"',
            CharEscape::ReverseSolidus => b'\\',
            CharEscape::Solidus => b'/',
            CharEscape::Backspace => b'\x08',
            CharEscape::FormFeed => b'\x0c',
            CharEscape::LineFeed => b'\n',
            CharEscape::CarriageReturn => b'\r',
            CharEscape::Tab => b'\t',
            CharEscape::AsciiControl(byte) => byte,
        }])
    }
}

/// An object without what is at fault; `depth` counts it and what it stands in.
fn checked_object(
    object: Map<String, Value>,
    at: &Pointer<'_>,
    depth: usize,
    faults: &mut Faults,
) -> Map<String, Value> {
    let member = |(name, value): (String, Value)| {
        let value = checked(value, &at.member(&name), depth, faults);
        (name, value)
    };
    object.into_iter().map(member).collect()
}

/// A value inside `depth` objects and arrays.
fn checked(value: Value, at: &Pointer<'_>, depth: usize, faults: &mut Faults) -> Value {
    match value {
        Value::Number(number) => checked_number(&number, at, faults),
        Value::Object(_) | Value::Array(_) if depth == MAX_DEPTH => {
            faults.add(|| {
                let message = format!("Objects and arrays may be nested {MAX_DEPTH} levels deep at most");
                Fault::body(at, "too_deep", message)
            });
            Value::Null
        }
        Value::Object(object) => Value::Object(checked_object(object, at, depth + 1, faults)),
        Value::Array(items) => {
            let item = |(index, item): (usize, Value)| checked(item, &at.item(index), depth + 1, faults);
            Value::Array(items.into_iter().enumerate().map(item).collect())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

fn checked_number(number: &Number, at: &Pointer<'_>, faults: &mut Faults) -> Value {
    match exact_decimal(number.as_str()) {
        Ok(text) => Value::Number(Number::from_string_unchecked(text)),
        Err(error) => {
            let message = match error {
                NumberError::TooPrecise => "A number may have 38 significant digits at most",
                NumberError::OutOfRange => "A number's magnitude must be 0 or from 1E-130 to 9.99E+125",
            };
            faults.add(|| Fault::body(at, "inexact_number", message));
            Value::Null
        }
    }
}
