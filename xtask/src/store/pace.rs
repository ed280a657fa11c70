//! Limits the rate at which a command writes.

use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The default rate in a deployment, in write capacity units a second.
pub(crate) const DEPLOYED_RATE: f64 = 500.0;
/// The permitted rates.
const RATES: RangeInclusive<f64> = 0.01..=1e6;
/// The write units that the first write is expected to take: those of a resource of 1 KB with some indexes.
const FIRST_EXPECTED: f64 = 10.0;
/// The weight of the latest write in the mean.
const WEIGHT: f64 = 0.1;

/// A rate of the command line.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| RATES.contains(number));
    number.ok_or_else(|| "a rate must be a number from 0.01 to 1000000".to_owned())
}

/// Limits writes to a rate, on average. Time without writes is not made up for.
#[derive(Debug)]
pub(crate) struct Pace {
    per_second: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the next write may begin.
    due: Instant,
    /// The weighted mean of the units of earlier writes.
    mean: f64,
}

impl Pace {
    /// A limit of units a second.
    pub(crate) fn new(per_second: f64) -> Self {
        Self { per_second, state: Mutex::new(State { due: Instant::now(), mean: FIRST_EXPECTED }) }
    }

    /// Waits for as long as these units take at the rate.
    pub(crate) async fn spend(&self, units: f64) {
        let due = self.with(|state| {
            state.due = state.due.max(Instant::now()) + self.time_of(units);
            state.due
        });
        sleep_until(due).await;
    }

    /// Waits for the turn of a write. Returns the units that it is expected to take: the mean of earlier
    /// writes.
    pub(crate) async fn turn(&self) -> f64 {
        let (start, expected) = self.with(|state| {
            let start = state.due.max(Instant::now());
            state.due = start + self.time_of(state.mean);
            (start, state.mean)
        });
        sleep_until(start).await;
        expected
    }

    /// Corrects the time of the next write by the difference between the units of a write and the expected
    /// ones.
    pub(crate) fn took(&self, units: f64, expected: f64) {
        self.with(|state| {
            state.mean += WEIGHT * (units - state.mean);
            if units > expected {
                state.due += self.time_of(units - expected);
            } else {
                let early = self.time_of(expected - units);
                state.due = state.due.checked_sub(early).unwrap_or(state.due);
            }
        });
    }

    fn time_of(&self, units: f64) -> Duration {
        Duration::from_secs_f64(units / self.per_second)
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
