//! What the line of a batch says.

use std::time::Duration;

use serde::Serialize;

use crate::Error;
use crate::config::MetricsConfig;
use crate::domain::Timestamp;
use crate::telemetry::usage::Usage;
use crate::telemetry::{Line, Measured, RequestContext, Work, metrics};

/// What is said of a batch. Never an image, nor anything in it.
#[derive(Debug)]
pub(super) struct BatchLog<'a> {
    /// The function's name.
    pub(super) function: &'static str,
    /// How many records it had.
    pub(super) records: usize,
    /// How many of them cannot be read.
    pub(super) unreadable: usize,
    /// When the oldest of them was written.
    pub(super) oldest: Option<Timestamp>,
    /// From event to answer.
    pub(super) duration: Duration,
    /// Whether the process was given no batch before.
    pub(super) cold_start: bool,
    /// What it asked of DynamoDB.
    pub(super) usage: Usage,
    /// Why it has to be done again.
    pub(super) error: Option<&'a Error>,
}

#[derive(Serialize)]
struct Members {
    function: &'static str,
    records: usize,
    unreadable: usize,
    #[serde(flatten)]
    work: Work,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl BatchLog<'_> {
    /// Writes the line, with metrics where they are wanted.
    pub(super) fn write(&self, context: &RequestContext, metrics: Option<&MetricsConfig>) {
        let members = Members {
            function: self.function,
            records: self.records,
            unreadable: self.unreadable,
            work: Work::new(self.duration, self.cold_start, &self.usage),
            error: self.error.map(Error::chain),
        };
        let now = Timestamp::now();
        let measured = metrics.map(|config| self.measured(config, now));
        let failed = self.error.is_some() || self.unreadable > 0;
        Line::new("batch", now, context, members, measured).error_if(failed).write();
    }

    fn measured<'a>(&self, config: &'a MetricsConfig, now: Timestamp) -> Measured<'a> {
        let age =
            self.oldest.map_or(0, |oldest| now.as_microseconds().saturating_sub(oldest.as_microseconds()));
        // A batch that fails is given again as a whole.
        let failures = if self.error.is_some() { self.records } else { self.unreadable };
        let members = [&metrics::DYNAMODB_CALLS, &metrics::READ_UNITS, &metrics::WRITE_UNITS];
        Measured::new(config, now, &members)
            .with(&metrics::COLD_STARTS, self.cold_start.into())
            .with(&metrics::STREAM_RECORDS, self.records as u64)
            .with(&metrics::STREAM_AGE, age / 1000)
            .with(&metrics::STREAM_FAILURES, failures as u64)
    }
}
