//! Clients of AWS services: TLS, timeouts, retries, trace headers and the metering of DynamoDB's capacity.

mod capacity_meter;
mod client;
mod deadline_timeouts;
mod iam_permission;
mod trace_header;

pub use aws_config::SdkConfig;
pub use client::{dynamodb, dynamodb_from, open_connections, sdk_config};
pub(crate) use client::{retries, timeouts};
pub(crate) use deadline_timeouts::DeadlineTimeouts;
pub use iam_permission::IamPermission;
pub(crate) use trace_header::TraceHeader;

#[cfg(test)]
mod tests;
