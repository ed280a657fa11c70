//! Structured logs with metrics: JSON lines on standard output.

mod context;
mod line;
mod log_throttle;
pub mod metrics;
mod request_log;
mod subscriber;
pub mod usage;

pub use context::{RequestContext, Trace, trace_header};
pub use line::write_lines_to;
pub(crate) use line::{Line, Work};
pub use log_throttle::LogThrottle;
pub(crate) use metrics::Measured;
pub use request_log::{RequestLog, cold_start};
pub use subscriber::{init, json_lines, log_panics};

#[cfg(test)]
mod tests;
