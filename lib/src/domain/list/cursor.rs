//! Cursors: opaque positions between two pages of a list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::MAX_OFFSET;
use crate::domain::digest::hash;

/// The version of the layout below. A change of the layout needs a new number; cursors with another number
/// are then refused.
const LAYOUT: u8 = 2;
/// The bytes of a binding: enough that two lists of a client do not collide.
const BINDING_LENGTH: usize = 8;

/// The longest position, in bytes: DynamoDB's limit for a sort key.
const MAX_POSITION_LENGTH: usize = 1024;

/// The list that a cursor belongs to: a hash of everything that its position depends on.
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

/// The position at which a list continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// The sort key of the last row that was read.
    pub position: String,
    /// How many rows after it are still to be skipped: the rest of an offset, if the page ended within it.
    pub skip: usize,
}

impl Continuation {
    /// Directly after a row.
    pub fn behind(position: String) -> Self {
        Self { position, skip: 0 }
    }
}

/// A cursor as clients see it: `LAYOUT`, the binding, the rows to skip in two bytes, and the position, in
/// base64url. It contains nothing that its list does not show, and grants no access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Creates the cursor of a continuation.
    pub fn new(binding: CursorBinding, next: &Continuation) -> Self {
        let skip = u16::try_from(next.skip).unwrap_or(u16::MAX).to_be_bytes();
        Self(URL_SAFE_NO_PAD.encode([&[LAYOUT], &binding.0[..], &skip, next.position.as_bytes()].concat()))
    }

    /// Wraps a cursor that a client sent, unchecked.
    pub fn from_client(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text that is sent to the client.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The continuation; `None` if the cursor was not made for this binding, or is invalid.
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
