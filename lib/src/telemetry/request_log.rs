//! What the line of a request says.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;

use super::RequestContext;
use super::line::Line;
use super::metrics::{self, Measured};
use super::usage::{CacheUse, Usage};
use crate::Error;
use crate::config::MetricsConfig;
use crate::domain::{BucketKey, Timestamp};

/// Whether this is the first request of the process. True once.
pub fn cold_start() -> bool {
    static WARM: AtomicBool = AtomicBool::new(false);
    !WARM.swap(true, Ordering::Relaxed)
}

/// A time as lines say it: milliseconds with three decimals.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
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
    /// The id of the caller's API key, where that let the caller in.
    pub api_key: Option<&'a str>,
    /// From event to answer.
    pub duration: Duration,
    /// Whether the process served no request before.
    pub cold_start: bool,
    /// What it asked of DynamoDB.
    pub usage: Usage,
    /// What the caller is not told: what went wrong inside, or why a token was refused.
    pub error: Option<&'a Error>,
}

#[derive(Serialize)]
struct Members<'a> {
    route: &'static str,
    method: &'a str,
    path: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
    duration_ms: f64,
    cold_start: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<&'static str>,
    dynamodb_calls: u32,
    dynamodb_operations: String,
    dynamodb_read_units: f64,
    dynamodb_write_units: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl RequestLog<'_> {
    /// Writes the line: as an error's where one of ours is, and with metrics where they are wanted.
    pub fn write(&self, context: &RequestContext, metrics: Option<&MetricsConfig>) {
        let members = Members {
            route: self.route,
            method: self.method,
            path: self.path,
            status: self.status,
            code: self.code,
            caller: self.caller.as_ref().map(BucketKey::as_str),
            api_key: self.api_key,
            duration_ms: milliseconds(self.duration),
            cold_start: self.cold_start,
            cache: self.usage.cache.map(CacheUse::as_str),
            dynamodb_calls: self.usage.total_calls(),
            dynamodb_operations: self.usage.operations(),
            dynamodb_read_units: self.usage.read_units,
            dynamodb_write_units: self.usage.write_units,
            error: self.error.map(Error::chain),
        };
        let measured = metrics.map(|config| self.measured(config));
        Line::new("request", context, members, measured).error_if(self.status >= 500).write();
    }

    fn measured<'a>(&self, config: &'a MetricsConfig) -> Measured<'a> {
        let members =
            [&metrics::DURATION, &metrics::DYNAMODB_CALLS, &metrics::READ_UNITS, &metrics::WRITE_UNITS];
        let is = |condition: bool| u64::from(condition);
        Measured::new(config, Timestamp::now(), &members)
            .with(&metrics::REQUESTS, 1)
            .with(&metrics::CLIENT_ERRORS, is((400..500).contains(&self.status)))
            .with(&metrics::SERVER_ERRORS, is(self.status >= 500))
            .with(&metrics::RATE_LIMITED, is(self.status == 429))
            .with(&metrics::REFUSED_TOKENS, is(matches!(self.error, Some(Error::InvalidToken(_)))))
            .with(&metrics::UNAVAILABLE, is(self.status == 503))
            .with(&metrics::COLD_STARTS, is(self.cold_start))
            .with(&metrics::CACHE_HITS, is(self.usage.cache == Some(CacheUse::Hit)))
            .with(&metrics::CACHE_MISSES, is(self.usage.cache == Some(CacheUse::Miss)))
            .with(&metrics::CONFLICTS_RETRIED, self.usage.conflicts_retried.into())
    }
}
