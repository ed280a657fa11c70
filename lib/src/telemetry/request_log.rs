//! The log line of a request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;

use super::RequestContext;
use super::line::{Line, Work};
use super::metrics::{self, Measured};
use super::usage::{CacheUse, Usage};
use crate::Error;
use crate::config::MetricsConfig;
use crate::domain::{BucketKey, Timestamp};

/// Whether this is the first request of the process: true only at the first call.
pub fn cold_start() -> bool {
    static WARM: AtomicBool = AtomicBool::new(false);
    !WARM.swap(true, Ordering::Relaxed)
}

/// The content of the log line. Never a token, a body, a query string or a secret.
#[derive(Debug)]
pub struct RequestLog<'a> {
    /// The route's name.
    pub route: &'static str,
    /// The method.
    pub method: &'a str,
    /// The path, without its query string.
    pub path: &'a str,
    /// The status of the response.
    pub status: u16,
    /// The `code` of the problem, if there is one.
    pub code: Option<&'static str>,
    /// The key of the caller's bucket, which contains a hash of the caller.
    pub caller: Option<BucketKey>,
    /// The id of the caller's API key, if one was used.
    pub api_key: Option<&'a str>,
    /// The time from the event to the response.
    pub duration: Duration,
    /// Whether it is the first request of the process.
    pub cold_start: bool,
    /// Its usage of DynamoDB and the cache.
    pub usage: Usage,
    /// The internal error, or the reason why a token was refused, neither of which is in the response.
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
    #[serde(flatten)]
    work: Work,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl RequestLog<'_> {
    /// Writes the line, with level ERROR for a status of 500 and more, and with metrics if they are
    /// configured.
    pub fn write(&self, context: &RequestContext, metrics: Option<&MetricsConfig>) {
        let members = Members {
            route: self.route,
            method: self.method,
            path: self.path,
            status: self.status,
            code: self.code,
            caller: self.caller.as_ref().map(BucketKey::as_str),
            api_key: self.api_key,
            work: Work::new(self.duration, self.cold_start, &self.usage),
            error: self.error.map(Error::chain),
        };
        let now = Timestamp::now();
        let measured = metrics.map(|config| self.measured(config, now));
        Line::new("request", now, context, members, measured).error_if(self.status >= 500).write();
    }

    fn measured<'a>(&self, config: &'a MetricsConfig, now: Timestamp) -> Measured<'a> {
        let members =
            [&metrics::DURATION, &metrics::DYNAMODB_CALLS, &metrics::READ_UNITS, &metrics::WRITE_UNITS];
        let is = |condition: bool| u64::from(condition);
        Measured::new(config, now, &members)
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
