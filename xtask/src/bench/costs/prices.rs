//! List prices, and the cost of an operation.

use std::ops::{Add, Mul};

/// The month and the region of the prices.
pub(super) const DATE: &str = "2026-11";
pub(super) const REGION: &str = "us-east-1";

/// US dollars for a million requests to an HTTP API, of up to 512 KB each.
pub(super) const GATEWAY_REQUESTS: f64 = 1.00;
/// For a million invocations of a function.
pub(super) const INVOCATIONS: f64 = 0.20;
/// For a GB-second of a function on arm64.
pub(super) const GB_SECOND: f64 = 0.000_013_333_4;
/// For a million read request units (on demand), and write request units.
pub(super) const READ_UNITS: f64 = 0.125;
pub(super) const WRITE_UNITS: f64 = 0.625;
/// For a GB taken into CloudWatch Logs.
pub(super) const LOGS: f64 = 0.50;
/// For a GB sent to the internet, the first 10 TB a month.
pub(super) const TRANSFER: f64 = 0.09;

/// A GB in bytes.
const GB: f64 = 1e9;
const MILLION: f64 = 1e6;

/// What one operation consumes.
#[derive(Clone, Copy, Default)]
pub(super) struct Taken {
    pub(super) gateway_requests: f64,
    pub(super) invocations: f64,
    pub(super) gb_seconds: f64,
    pub(super) read_units: f64,
    pub(super) write_units: f64,
    pub(super) logged_bytes: f64,
    pub(super) sent_bytes: f64,
}

/// US dollars for a million operations.
#[derive(Clone, Copy, Default)]
pub(super) struct Cost {
    pub(super) gateway: f64,
    pub(super) lambda: f64,
    pub(super) dynamodb: f64,
    pub(super) logs: f64,
    pub(super) transfer: f64,
}

impl Taken {
    /// The cost of a million of these operations.
    pub(super) fn cost(&self) -> Cost {
        Cost {
            gateway: self.gateway_requests * GATEWAY_REQUESTS,
            lambda: self.invocations * INVOCATIONS + self.gb_seconds * MILLION * GB_SECOND,
            dynamodb: self.read_units * READ_UNITS + self.write_units * WRITE_UNITS,
            logs: self.logged_bytes * MILLION / GB * LOGS,
            transfer: self.sent_bytes * MILLION / GB * TRANSFER,
        }
    }
}

impl Add for Taken {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            gateway_requests: self.gateway_requests + other.gateway_requests,
            invocations: self.invocations + other.invocations,
            gb_seconds: self.gb_seconds + other.gb_seconds,
            read_units: self.read_units + other.read_units,
            write_units: self.write_units + other.write_units,
            logged_bytes: self.logged_bytes + other.logged_bytes,
            sent_bytes: self.sent_bytes + other.sent_bytes,
        }
    }
}

impl Mul<f64> for Taken {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self {
            gateway_requests: self.gateway_requests * times,
            invocations: self.invocations * times,
            gb_seconds: self.gb_seconds * times,
            read_units: self.read_units * times,
            write_units: self.write_units * times,
            logged_bytes: self.logged_bytes * times,
            sent_bytes: self.sent_bytes * times,
        }
    }
}

impl Cost {
    pub(super) fn total(&self) -> f64 {
        self.gateway + self.lambda + self.dynamodb + self.logs + self.transfer
    }
}
