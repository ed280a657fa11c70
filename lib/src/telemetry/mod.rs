//! Structured logs: JSON lines on standard output, which Lambda keeps.

mod complaint;
mod context;
mod request_log;
mod subscriber;
pub mod usage;

pub use complaint::Complaint;
pub use context::{RequestContext, Trace};
pub use request_log::{RequestLog, cold_start};
pub use subscriber::{init, json_lines, log_panics};

#[cfg(test)]
mod tests;
