//! JSON values stored as text.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::Value;
use serde_json::ser::{CharEscape, Formatter, Serializer};
use serde_json::value::RawValue;

/// Encloses strings in a text without escapes: a byte that does not occur in UTF-8.
const QUOTE: u8 = 0xff;

/// A JSON value as one text. Members are in the order of their names, numbers are in their canonical form,
/// and there is no white space, so that equal values are equal texts.
///
/// It is not kept as a tree, because that takes up to 90 times the memory, and only patches need it. If JSON
/// would escape characters, which takes up to 6 times their size, the text is kept without escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonText(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// JSON text without escapes.
    Json(Arc<str>),
    /// A text that would need escapes: strings are unescaped, between [`QUOTE`]s.
    WithoutEscapes(Arc<[u8]>),
}

impl JsonText {
    /// Converts a value whose numbers are in their canonical form.
    pub fn of(mut value: Value) -> Self {
        value.sort_all_objects();
        let (mut bytes, mut strings) = (Vec::new(), Strings::default());
        // Writing to memory cannot fail.
        let _ = value.serialize(&mut Serializer::with_formatter(&mut bytes, &mut strings));
        if strings.have_escapes {
            Self(Form::WithoutEscapes(bytes.into()))
        } else {
            Self(Form::Json(value.to_string().into()))
        }
    }

    /// The value of a text that [`Self::as_json`] returned.
    pub fn from_json(text: impl Into<Arc<str>>) -> Self {
        Self(Form::Json(text.into()))
    }

    /// The value of bytes that [`Self::as_bytes`] returned when [`Self::as_json`] was `None`.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(Form::WithoutEscapes(bytes.into()))
    }

    /// The JSON text, if it has no escapes.
    pub fn as_json(&self) -> Option<&str> {
        match &self.0 {
            Form::Json(text) => Some(text),
            Form::WithoutEscapes(_) => None,
        }
    }

    /// The stored bytes: the JSON text, or the text without escapes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Form::Json(text) => text.as_bytes(),
            Form::WithoutEscapes(bytes) => bytes,
        }
    }
}

impl Serialize for JsonText {
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

/// Writes strings unescaped, and notes whether JSON would escape a character.
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
