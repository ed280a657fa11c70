//! The log line of a batch.

use std::time::Duration;

use serde::Serialize;

use crate::Error;
use crate::config::MetricsConfig;
use crate::domain::Timestamp;
use crate::telemetry::usage::Usage;
use crate::telemetry::{Line, Measured, RequestContext, Work, metrics};

/// The content of the log line. Never an image, or a part of one.
#[derive(Debug)]
pub(super) struct BatchLog<'a> {
    /// The function's name.
    pub(super) function: &'static str,
    /// The number of records.
    pub(super) records: usize,
    /// The number of records that cannot be read.
    pub(super) unreadable: usize,
    /// The time of the oldest record.
    pub(super) oldest: Option<Timestamp>,
    /// The time from the event to the response.
    pub(super) duration: Duration,
    /// Whether it is the first batch of the process.
    pub(super) cold_start: bool,
    /// Its usage of DynamoDB and the cache.
    pub(super) usage: Usage,
    /// The reason why it must be processed again.
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
    /// Writes the line, with metrics if they are configured.
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
        // If the handler fails, Lambda retries all records of the batch.
        let failures = if self.error.is_some() { self.records } else { self.unreadable };
        let members = [&metrics::DYNAMODB_CALLS, &metrics::READ_UNITS, &metrics::WRITE_UNITS];
        Measured::new(config, now, &members)
            .with(&metrics::COLD_STARTS, self.cold_start.into())
            .with(&metrics::STREAM_RECORDS, self.records as u64)
            .with(&metrics::STREAM_AGE, age / 1000)
            .with(&metrics::STREAM_FAILURES, failures as u64)
    }
}
