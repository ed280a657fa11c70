//! Structured logs: JSON lines on standard output, which Lambda keeps.

mod context;
mod log_throttle;
mod request_log;
mod subscriber;
pub mod usage;

pub use context::{RequestContext, Trace};
pub use log_throttle::LogThrottle;
pub use request_log::{RequestLog, cold_start};
pub use subscriber::{init, json_lines, log_panics};

#[cfg(test)]
mod tests;
