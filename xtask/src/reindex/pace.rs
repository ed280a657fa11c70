//! How fast it writes.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Keeps writes to a rate, on average since the start.
pub(super) struct Pace {
    per_second: f64,
    due: Instant,
}

impl Pace {
    pub(super) fn new(per_second: f64) -> Self {
        Self { per_second, due: Instant::now() }
    }

    /// Waits for as long as these units take at the rate.
    pub(super) async fn spend(&mut self, units: f64) {
        self.due = self.due.max(Instant::now()) + Duration::from_secs_f64(units / self.per_second);
        sleep_until(self.due).await;
    }
}
