//! The one line that every request leaves in the log.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::usage::{CacheUse, Usage};
use crate::Error;
use crate::domain::BucketKey;

/// Whether this is the first request of the process. True once.
pub fn cold_start() -> bool {
    static WARM: AtomicBool = AtomicBool::new(false);
    !WARM.swap(true, Ordering::Relaxed)
}

/// What is said of a request. Never a token, a body, a query string or a secret.
#[derive(Debug)]
pub struct RequestLog<'a> {
    /// The route's name.
    pub route: &'static str,
    /// The method.
    pub method: &'a str,
    /// The path, without its query string.
    pub path: &'a str,
    /// The status answered.
    pub status: u16,
    /// The `code` of the problem, where there was one.
    pub code: Option<&'static str>,
    /// Whose request it was, hashed: the key of the caller's bucket.
    pub caller: Option<BucketKey>,
    /// From event to answer.
    pub duration: Duration,
    /// Whether the process served no request before.
    pub cold_start: bool,
    /// What it asked of DynamoDB.
    pub usage: Usage,
    /// What the caller is not told: what went wrong inside, or why a token was refused.
    pub error: Option<&'a Error>,
}

impl RequestLog<'_> {
    /// Writes the line, within the request's span; as an error where one of ours is.
    pub fn write(&self, ours: bool) {
        let duration_ms = (self.duration.as_secs_f64() * 1e6).round() / 1e3;
        let calls = self.usage.total_calls();
        let operations = self.usage.operations();
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    route = self.route,
                    method = self.method,
                    path = self.path,
                    status = self.status,
                    code = self.code,
                    caller = self.caller.as_ref().map(BucketKey::as_str),
                    duration_ms,
                    cold_start = self.cold_start,
                    cache = self.usage.cache.map(CacheUse::as_str),
                    dynamodb_calls = calls,
                    dynamodb_operations = operations,
                    dynamodb_read_units = self.usage.read_units,
                    dynamodb_write_units = self.usage.write_units,
                    error = self.error.map(Error::chain),
                    "request"
                )
            };
        }
        if ours { line!(error) } else { line!(info) }
    }
}
