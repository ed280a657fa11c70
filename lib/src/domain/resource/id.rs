//! Ids of resources.

use std::fmt;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use uuid::{ContextV7, Uuid, Variant};

use crate::domain::Timestamp;

/// Keeps ids of one millisecond in the order of their generation (RFC 9562, section 6.2, method 1).
static SEQUENCE: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// The id of a resource: a UUID version 7 (RFC 9562), so that ids sort by the time of their generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceId(Uuid);

impl ResourceId {
    /// Generates an id with the timestamp `now`.
    pub fn generate(now: Timestamp) -> Self {
        let (seconds, nanoseconds) = now.since_epoch();
        let timestamp = uuid::Timestamp::from_unix(&SEQUENCE, seconds, nanoseconds);
        Self(Uuid::new_v7(timestamp))
    }

    /// Parses an id in its hyphenated form, in either case; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
        hyphenated.then(|| Uuid::try_parse(text).ok().map(Self)).flatten()
    }

    /// The UUID version 7 of a time, with these 12 bits before its variant and these 62 bits after it.
    pub(in crate::domain) fn version_7(time: Timestamp, high: u64, low: u64) -> Self {
        let milliseconds = time.as_microseconds() / 1000;
        let first = milliseconds << 16 | 7 << 12 | high & 0xfff;
        let second = 0b10 << 62 | low & (u64::MAX >> 2);
        Self(Uuid::from_u64_pair(first, second))
    }

    /// Whether it is a UUID version 7 with a timestamp in the years 1970 to 9999.
    pub fn is_version_7(self) -> bool {
        let milliseconds = self.0.as_u64_pair().0 >> 16;
        self.0.get_version_num() == 7
            && self.0.get_variant() == Variant::RFC4122
            && self.created_at().as_microseconds() / 1000 == milliseconds
    }

    /// The id's timestamp, in milliseconds.
    pub fn created_at(self) -> Timestamp {
        let (seconds, nanoseconds) = self.0.get_timestamp().map_or((0, 0), |timestamp| timestamp.to_unix());
        Timestamp::from_epoch(seconds, nanoseconds)
    }

    /// The id directly before this one in the order of ids; for the first, itself.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(Uuid::from_u128(self.0.as_u128().saturating_sub(1)))
    }

    /// The id directly after this one in the order of ids; for the last, itself.
    #[must_use]
    pub fn next(self) -> Self {
        Self(Uuid::from_u128(self.0.as_u128().saturating_add(1)))
    }

    /// The 16 bytes of the id, which sort like the id.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id of 16 bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 64 bits after the timestamp and the version: uniform enough to spread ids over shards.
    pub fn random_bits(self) -> u64 {
        self.0.as_u64_pair().1
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
