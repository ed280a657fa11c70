//! The opaque position between two pages of a list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::MAX_OFFSET;
use crate::domain::digest::hash;

/// The layout below. Another layout gets another number, and cursors of this one are then refused.
const LAYOUT: u8 = 2;
/// The bytes of a binding: enough that no two lists of a client meet.
const BINDING_LENGTH: usize = 8;

/// The longest position, in bytes: DynamoDB's limit for a sort key.
const MAX_POSITION_LENGTH: usize = 1024;

/// What a cursor is bound to: a hash of everything that, changed, would make its position meaningless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CursorBinding([u8; BINDING_LENGTH]);

impl CursorBinding {
    /// Binds to each of the parts, in this order.
    pub fn new(parts: &[&str]) -> Self {
        let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
        let mut bytes = [0; BINDING_LENGTH];
        for (byte, hashed) in bytes.iter_mut().zip(hash(&parts)) {
            *byte = hashed;
        }
        Self(bytes)
    }
}

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// The sort key of the last row that was looked at.
    pub position: String,
    /// How many rows behind it are still to be skipped: of an offset, where a page was cut short before its first row.
    pub skip: usize,
}

impl Continuation {
    /// Right behind a row.
    pub fn behind(position: String) -> Self {
        Self { position, skip: 0 }
    }
}

/// A cursor as it travels: `LAYOUT`, the binding, the rows to skip in two bytes, then the position, in base64url. It
/// holds nothing that its list may not show, and grants nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor to where a list goes on.
    pub fn new(binding: CursorBinding, next: &Continuation) -> Self {
        let skip = u16::try_from(next.skip).unwrap_or(u16::MAX).to_be_bytes();
        Self(URL_SAFE_NO_PAD.encode([&[LAYOUT], &binding.0[..], &skip, next.position.as_bytes()].concat()))
    }

    /// Takes a cursor that a client sent.
    pub fn from_client(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text that a client gets, and sends back.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the list goes on, if the cursor was made for this binding; `None` for any other and for what is no cursor.
    pub fn continuation(&self, binding: CursorBinding) -> Option<Continuation> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).ok()?;
        let rest = bytes.strip_prefix(&[LAYOUT])?.strip_prefix(&binding.0[..])?;
        let (skip, position) = rest.split_first_chunk()?;
        let skip = usize::from(u16::from_be_bytes(*skip));
        let position = String::from_utf8(position.to_vec()).ok()?;
        let possible = skip <= MAX_OFFSET && position.len() <= MAX_POSITION_LENGTH;
        possible.then_some(Continuation { position, skip })
    }
}
