//! Moments that clients give, to the microsecond. The server's own times are [`Timestamp`](super::Timestamp)s.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// The one spelling of an RFC 3339 date and time in any offset: in UTC, to the microsecond, of a fixed width, so that it
/// sorts like the time it stands for: `2026-11-25T06:57:40.123456Z`. What is finer is dropped; `None` for anything else, and
/// for what is outside the years 0 to 9999 in UTC.
pub(in crate::domain) fn canonical(text: &str) -> Option<String> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC)?;
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    (0..=9999).contains(&moment.year()).then(|| moment.format(&format).ok()).flatten()
}
