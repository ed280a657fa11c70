//! Formats of texts: patterns, email addresses, URIs and days.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex_lite::Regex;
use time::{Date, Month};

/// An email address as HTML's input fields take it (HTML Living Standard, "Email state").
pub const EMAIL: &str = "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\
                                (?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*";

/// The patterns compiled so far. A pattern that is not a regular expression, which `cargo xtask check` finds,
/// matches nothing.
static COMPILED: LazyLock<Mutex<HashMap<&'static str, Option<Regex>>>> = LazyLock::new(Mutex::default);

/// Whether the whole of a text matches a pattern.
pub(super) fn matches(pattern: &'static str, text: &str) -> bool {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let regex = compiled.entry(pattern).or_insert_with(|| Regex::new(&whole(pattern)).ok());
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// The error of a pattern that is not a regular expression.
pub(super) fn fault(pattern: &str) -> Option<String> {
    Regex::new(&whole(pattern)).err().map(|error| error.to_string())
}

/// A pattern as schemas have it: anchored to the whole text.
pub fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Whether a text is an email address.
pub(super) fn is_email(text: &str) -> bool {
    matches(EMAIL, text)
}

/// Whether a text is an absolute URI (RFC 3986, section 3).
pub(super) fn is_uri(text: &str) -> bool {
    fluent_uri::Uri::parse(text).is_ok()
}

/// Whether a text is a date of the calendar: `2026-11-25`.
pub(super) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits =
        |(at, byte): (usize, &u8)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() };
    if bytes.len() != 10 || !bytes.iter().enumerate().all(digits) {
        return false;
    }
    let mut parts = text.split('-').filter_map(|part| part.parse::<u16>().ok());
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let month = u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok());
    let date = month.zip(u8::try_from(day).ok());
    date.is_some_and(|(month, day)| Date::from_calendar_date(i32::from(year), month, day).is_ok())
}
