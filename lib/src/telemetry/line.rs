//! Writes the log line of a request or a batch: JSON, in one write.

use std::cell::RefCell;
use std::sync::OnceLock;
use std::time::Duration;

use serde::Serialize;
use tracing::Level;

use super::RequestContext;
use super::metrics::Measured;
use super::usage::{CacheUse, Usage};
use crate::domain::Timestamp;

/// The target of these lines in `RUST_LOG`. The lines do not contain it, because logs are billed by size.
const TARGET: &str = "resource_api::telemetry::line";

/// Writes a complete line.
type Output = Box<dyn Fn(&[u8]) + Send + Sync>;

static OUTPUT: OnceLock<Output> = OnceLock::new();

thread_local! {
    /// The buffer, which is reused for each line.
    static BUFFER: RefCell<Vec<u8>> = RefCell::default();
}

/// Sets the output of lines. Call it once, at start-up; before that, lines are discarded.
pub fn write_lines_to(output: impl Fn(&[u8]) + Send + Sync + 'static) {
    // It fails if an output is set already.
    let _ = OUTPUT.set(Box::new(output));
}

/// A line: the members of every line, and those of this one.
#[derive(Serialize)]
pub(crate) struct Line<'a, T> {
    timestamp: Timestamp,
    level: &'static str,
    message: &'static str,
    #[serde(flatten)]
    members: T,
    span: Span<'a>,
    #[serde(flatten)]
    measured: Option<Measured<'a>>,
}

/// The identity of the request, as on its other log lines.
#[derive(Serialize)]
struct Span<'a> {
    name: &'static str,
    request_id: &'a str,
    trace_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    xray_trace_id: Option<&'a str>,
}

/// The duration and usage, which the lines of requests and batches have.
#[derive(Serialize)]
pub(crate) struct Work {
    duration_ms: f64,
    cold_start: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<&'static str>,
    dynamodb_calls: u32,
    dynamodb_operations: String,
    dynamodb_read_units: f64,
    dynamodb_write_units: f64,
}

impl Work {
    pub(crate) fn new(duration: Duration, cold_start: bool, usage: &Usage) -> Self {
        Self {
            // In milliseconds, with three decimals.
            duration_ms: (duration.as_secs_f64() * 1e6).round() / 1e3,
            cold_start,
            cache: usage.cache.map(CacheUse::as_str),
            dynamodb_calls: usage.total_calls(),
            dynamodb_operations: usage.operations(),
            dynamodb_read_units: usage.read_units,
            dynamodb_write_units: usage.write_units,
        }
    }
}

impl<'a, T: Serialize> Line<'a, T> {
    /// A line about a request or a batch; `message` names which.
    pub(crate) fn new(
        message: &'static str,
        now: Timestamp,
        context: &'a RequestContext,
        members: T,
        measured: Option<Measured<'a>>,
    ) -> Self {
        Self {
            timestamp: now,
            level: "INFO",
            message,
            members,
            span: Span {
                name: message,
                request_id: &context.request_id,
                trace_id: &context.trace.trace_id,
                xray_trace_id: context.xray_trace_id.as_deref(),
            },
            measured,
        }
    }

    /// Sets the level to ERROR if `is_error`.
    #[must_use]
    pub(crate) fn error_if(self, is_error: bool) -> Self {
        if is_error { Self { level: "ERROR", ..self } } else { self }
    }

    /// Writes the line if its level is enabled or it has metrics.
    pub(crate) fn write(&self) {
        let logged = match self.level {
            "ERROR" => tracing::enabled!(target: TARGET, Level::ERROR),
            _ => tracing::enabled!(target: TARGET, Level::INFO),
        };
        if !logged && self.measured.is_none() {
            return;
        }
        let Some(output) = OUTPUT.get() else { return };
        BUFFER.with_borrow_mut(|buffer| {
            buffer.clear();
            if serde_json::to_writer(&mut *buffer, self).is_ok() {
                buffer.push(b'\n');
                output(buffer);
            }
        });
    }
}
