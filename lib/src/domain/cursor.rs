//! The opaque position between two pages of a list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The layout below. Another layout gets another number, and cursors of this one are then refused.
const LAYOUT: u8 = 1;
/// The bytes of a binding: enough that no two lists of a client meet.
const BINDING_LENGTH: usize = 8;

/// What a cursor is bound to: a hash of everything that, changed, would make its position meaningless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding([u8; BINDING_LENGTH]);

impl Binding {
    /// Binds to each of the parts, in this order.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut bytes = [0; BINDING_LENGTH];
        for (byte, hashed) in bytes.iter_mut().zip(hash.finalize()) {
            *byte = hashed;
        }
        Self(bytes)
    }
}

/// A cursor as it travels: `LAYOUT`, the binding, then the sort key of the last row given, in base64url. It
/// holds nothing that its list did not show, and grants nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor behind `position`, the sort key of the last row given.
    pub fn new(binding: Binding, position: &str) -> Self {
        let bytes = [&[LAYOUT], &binding.0[..], position.as_bytes()].concat();
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Takes a cursor that a client sent.
    pub fn from_client(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text that a client gets, and sends back.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The position, where the cursor was made for this binding; `None` for any other and for what is no cursor.
    pub fn position(&self, binding: Binding) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).ok()?;
        let rest = bytes.strip_prefix(&[LAYOUT])?.strip_prefix(&binding.0[..])?;
        String::from_utf8(rest.to_vec()).ok()
    }
}
