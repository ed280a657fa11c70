//! Times that clients send, in microseconds. The server's own times are [`Timestamp`](super::Timestamp)s.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};

/// The canonical form of an RFC 3339 date and time in any offset: in UTC, truncated to microseconds, with a
/// fixed width, so that texts sort like times: `2026-11-25T06:57:40.123456Z`. `None` if it is malformed, or
/// outside the years 0 to 9999 in UTC.
pub fn canonical_moment(text: &str) -> Option<String> {
    written(whole_microseconds(parse(text)?)?)
}

/// The same, rounded up to microseconds.
pub fn canonical_moment_rounding_up(text: &str) -> Option<String> {
    let moment = parse(text)?;
    let whole = whole_microseconds(moment)?;
    written(if whole < moment { whole.checked_add(Duration::MICROSECOND)? } else { whole })
}

fn parse(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC)
}

fn whole_microseconds(moment: OffsetDateTime) -> Option<OffsetDateTime> {
    moment.replace_microsecond(moment.microsecond()).ok()
}

fn written(moment: OffsetDateTime) -> Option<String> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    (0..=9999).contains(&moment.year()).then(|| moment.format(&format).ok()).flatten()
}
