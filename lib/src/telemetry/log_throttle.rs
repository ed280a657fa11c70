//! What is said at most once in a while, however often it happens.

use std::sync::{Mutex, PoisonError};

use crate::domain::Timestamp;

/// How often the same is said, in seconds.
const INTERVAL: f64 = 60.0;

/// When something was said last.
#[derive(Debug, Default)]
pub struct LogThrottle(Mutex<Option<Timestamp>>);

impl LogThrottle {
    /// Whether it should be said again. Then it counts as said.
    pub fn allows(&self, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now.as_seconds() - last.as_seconds() >= INTERVAL);
        if due {
            *last = Some(now);
        }
        due
    }
}
