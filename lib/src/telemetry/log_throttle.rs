//! Limits how often the same event is logged.

use std::sync::{Mutex, PoisonError};

use crate::domain::Timestamp;

/// The least time between two log lines, in seconds.
const INTERVAL: f64 = 60.0;

/// The time at which an event was last logged.
#[derive(Debug, Default)]
pub struct LogThrottle(Mutex<Option<Timestamp>>);

impl LogThrottle {
    /// Whether the event may be logged now. If so, this counts as its latest log line.
    pub fn allows(&self, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now.as_seconds() - last.as_seconds() >= INTERVAL);
        if due {
            *last = Some(now);
        }
        due
    }
}
