//! The one line that every batch leaves in the log.

use std::time::Duration;

use crate::Error;
use crate::telemetry::usage::Usage;

/// What is said of a batch. Never an image, nor anything in it.
#[derive(Debug)]
pub(super) struct BatchLog<'a> {
    /// The function's name.
    pub(super) function: &'static str,
    /// How many records it had.
    pub(super) records: usize,
    /// How many of them cannot be read.
    pub(super) unreadable: usize,
    /// From event to answer.
    pub(super) duration: Duration,
    /// Whether the process was given no batch before.
    pub(super) cold_start: bool,
    /// What it asked of DynamoDB.
    pub(super) usage: Usage,
    /// Why it has to be done again.
    pub(super) error: Option<&'a Error>,
}

impl BatchLog<'_> {
    /// Writes the line, within the batch's span.
    pub(super) fn write(&self) {
        let duration_ms = (self.duration.as_secs_f64() * 1e6).round() / 1e3;
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    function = self.function,
                    records = self.records,
                    unreadable = self.unreadable,
                    duration_ms,
                    cold_start = self.cold_start,
                    dynamodb_calls = self.usage.total_calls(),
                    dynamodb_operations = self.usage.operations(),
                    dynamodb_read_units = self.usage.read_units,
                    dynamodb_write_units = self.usage.write_units,
                    error = self.error.map(Error::chain),
                    "batch"
                )
            };
        }
        if self.error.is_some() || self.unreadable > 0 { line!(error) } else { line!(info) }
    }
}
