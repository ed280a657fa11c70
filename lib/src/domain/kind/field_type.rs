//! The types of fields, and their rules.

use super::Field;

/// The greatest integer that every JSON parser reads exactly (RFC 8259, section 6).
pub(super) const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// The type of a field.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Type {
    /// A string.
    Text(Text),
    /// A whole number that every JSON parser reads exactly.
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
    /// A time (RFC 3339), truncated to microseconds and shown in UTC.
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
    /// Whether lists can be filtered by a range of its values, because their order is meaningful.
    pub const fn has_ranges(&self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::Integer { .. } | Self::Number { .. } | Self::Timestamp | Self::Date
        )
    }
}

/// The rules of a text.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The fewest characters (Unicode scalar values).
    pub least: usize,
    /// The most characters.
    pub most: usize,
    /// The control characters that it may contain.
    pub controls: Controls,
    /// Whether white space at either end is removed.
    pub trimmed: bool,
    /// A regular expression that it must match completely.
    pub pattern: Option<&'static str>,
    /// The format that it must have.
    pub format: Option<Format>,
}

/// The control characters that a text may contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controls {
    /// None.
    None,
    /// Line breaks and tabs.
    LineBreaks,
    /// Any.
    Any,
}

/// A format of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An email address, as HTML's input fields take it.
    Email,
    /// An absolute URI (RFC 3986).
    Uri,
}

/// The rules of a list.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// The declaration of each item. It has no name.
    pub item: &'static Field,
    /// The fewest items.
    pub least: usize,
    /// The most items.
    pub most: usize,
    /// Whether all items must be different.
    pub unique: bool,
}
