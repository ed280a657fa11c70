//! What a field may hold: its type, and the rules of that.

use super::Field;

/// The numbers that every reader of JSON holds exactly (RFC 8259, section 6).
pub(super) const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Type {
    /// A string.
    Text(Text),
    /// A whole number that every reader of JSON holds exactly.
    Integer {
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// A decimal number of at most 38 digits, kept exactly.
    Number {
        /// The least, as JSON.
        least: Option<&'static str>,
        /// The greatest, as JSON.
        most: Option<&'static str>,
    },
    /// `true` or `false`.
    Boolean,
    /// A moment (RFC 3339), kept to the microsecond and given in UTC.
    Timestamp,
    /// A day: `2026-11-25`.
    Date,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// The id of a resource of a kind.
    Reference(&'static str),
    /// Any JSON object.
    Json,
    /// An object with fields of its own.
    Object(&'static [Field]),
    /// A list.
    List(List),
}

impl Type {
    /// Whether lists take ranges of its values: they are in an order that means something.
    pub const fn has_ranges(&self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::Integer { .. } | Self::Number { .. } | Self::Timestamp | Self::Date
        )
    }
}

/// What a text may be.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The fewest characters (Unicode scalar values).
    pub least: usize,
    /// The most characters.
    pub most: usize,
    /// Which control characters it may hold.
    pub controls: Controls,
    /// Whether white space at either end is taken off.
    pub trimmed: bool,
    /// A regular expression that the whole of it matches.
    pub pattern: Option<&'static str>,
    /// The form that it has.
    pub format: Option<Format>,
}

/// Which control characters a text may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controls {
    /// None.
    None,
    /// Line breaks and tabs.
    LineBreaks,
    /// Any.
    Any,
}

/// A form of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An email address, as HTML's input fields take it.
    Email,
    /// An absolute URI (RFC 3986).
    Uri,
}

/// What a list may be.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// What each item is. It has no name.
    pub item: &'static Field,
    /// The fewest items.
    pub least: usize,
    /// The most items.
    pub most: usize,
    /// Whether no two items may be equal.
    pub unique: bool,
}
