//! Times in milliseconds.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::{Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

const MILLISECOND: time::Duration = time::Duration::MILLISECOND;

/// A time in UTC with millisecond precision, written as RFC 3339: `2026-11-22T06:57:40.123Z`. The text has a
/// fixed width, so that texts sort like times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    /// The time of the system clock.
    pub fn now() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::from_epoch(since_epoch.as_secs(), since_epoch.subsec_nanos())
    }

    /// From seconds since the Unix epoch and nanoseconds, truncated to milliseconds. A time after the year
    /// 9999 becomes the epoch.
    pub fn from_epoch(seconds: u64, nanoseconds: u32) -> Self {
        let whole = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let milliseconds = u16::try_from(nanoseconds / 1_000_000).unwrap_or_default();
        Self(whole.replace_millisecond(milliseconds).unwrap_or(whole))
    }

    /// Seconds since the Unix epoch, and the nanoseconds after them.
    pub fn since_epoch(self) -> (u64, u32) {
        (u64::try_from(self.0.unix_timestamp()).unwrap_or_default(), self.0.nanosecond())
    }

    /// Seconds since the Unix epoch.
    pub fn as_seconds(self) -> f64 {
        let (seconds, nanoseconds) = self.since_epoch();
        Duration::new(seconds, nanoseconds).as_secs_f64()
    }

    /// Microseconds since the Unix epoch.
    pub fn as_microseconds(self) -> u64 {
        let (seconds, nanoseconds) = self.since_epoch();
        seconds * 1_000_000 + u64::from(nanoseconds / 1_000)
    }

    /// Parses an RFC 3339 date and time in any offset, truncated to milliseconds; `None` if it is malformed,
    /// or after the year 9999 in UTC. A time before the Unix epoch becomes the epoch.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC)?;
        let moment = moment.max(OffsetDateTime::UNIX_EPOCH);
        Some(Self(moment.replace_millisecond(moment.millisecond()).ok()?))
    }

    /// The same, rounded up to milliseconds.
    pub fn parse_rounding_up(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let whole = Self::parse(text)?;
        Some(if whole.0 < moment { whole.next() } else { whole })
    }

    /// Adds a duration; `None` after the year 9999.
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let later = self.0.checked_add(duration.try_into().ok()?)?;
        later.replace_millisecond(later.millisecond()).ok().map(Self)
    }

    /// One millisecond later; itself at the end of the year 9999.
    #[must_use]
    pub fn next(self) -> Self {
        self.0.checked_add(MILLISECOND).map_or(self, Self)
    }

    /// One millisecond earlier; itself at the Unix epoch.
    #[must_use]
    pub fn previous(self) -> Self {
        Self((self.0 - MILLISECOND).max(OffsetDateTime::UNIX_EPOCH))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        f.write_str(&self.0.format(&format).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is no RFC 3339 time")))
    }
}
