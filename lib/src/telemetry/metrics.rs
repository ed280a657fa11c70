//! The metrics in the log lines of requests and batches, in CloudWatch's embedded metric format.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::config::MetricsConfig;
use crate::domain::Timestamp;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "ResourceAPI";
/// The dimensions of all metrics. Each combination of values is billed as a separate metric, so there is no
/// dimension for routes: Lambda has metrics for each function.
pub const DIMENSIONS: [&str; 2] = ["service", "stage"];

/// A metric: a member of the line, and its name in CloudWatch.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit, as CloudWatch names it.
    pub unit: &'static str,
    /// What it counts.
    pub meaning: &'static str,
}

/// Declares the constants of metrics, and the table of all of them.
macro_rules! metrics {
    ($($metric:ident: $name:literal, $unit:literal, $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub(crate) const $metric: Metric = Metric { name: $name, unit: $unit, meaning: $meaning };
        )*

        /// Every metric.
        pub const METRICS: &[&Metric] = &[$(&$metric),*];
    };
}

metrics! {
    REQUESTS: "requests", "Count", "Requests to which a function responded.";
    DURATION: "duration_ms", "Milliseconds", "From the event to the response of a request, without Lambda's overhead.";
    DYNAMODB_CALLS: "dynamodb_calls", "Count", "Calls to DynamoDB, retries included.";
    READ_UNITS: "dynamodb_read_units", "Count", "Read request units that DynamoDB reported, of tables and indexes.";
    WRITE_UNITS: "dynamodb_write_units", "Count", "Write request units that DynamoDB reported. It does not report those of a failed condition.";
    CLIENT_ERRORS: "client_errors", "Count", "Responses with a status of 400 to 499.";
    SERVER_ERRORS: "server_errors", "Count", "Responses with a status of 500 to 599.";
    RATE_LIMITED: "rate_limited", "Count", "Responses with the status 429: the caller's token bucket was empty.";
    REFUSED_TOKENS: "refused_tokens", "Count", "Responses with the code `invalid_token`: a token or an API key was refused.";
    UNAVAILABLE: "unavailable", "Count", "Responses with the status 503: the deadline passed, or all attempts failed.";
    COLD_STARTS: "cold_starts", "Count", "Requests and batches that were the first of their instance.";
    CACHE_HITS: "cache_hits", "Count", "Requests whose reads by id were all served by the cache.";
    CACHE_MISSES: "cache_misses", "Count", "Requests with a read by id that the cache did not have.";
    CONFLICTS_RETRIED: "conflicts_retried", "Count", "Changes that were retried because another change came first.";
    STREAM_RECORDS: "stream_records", "Count", "Stream records that a function received.";
    STREAM_AGE: "stream_age_ms", "Milliseconds", "Age of the oldest record of a batch when it had been processed.";
    STREAM_FAILURES: "stream_failures", "Count", "Records that Lambda delivers again, because they cannot be parsed or their batch failed.";
}

/// The metrics of a line.
pub(crate) struct Measured<'a> {
    config: &'a MetricsConfig,
    at: Timestamp,
    metrics: Vec<&'static Metric>,
    /// The metrics that are not among the line's other members, with their values.
    values: Vec<(&'static str, u64)>,
}

impl<'a> Measured<'a> {
    /// The metrics of a line that has these metrics among its other members.
    pub(crate) fn new(config: &'a MetricsConfig, at: Timestamp, members: &[&'static Metric]) -> Self {
        Self { config, at, metrics: members.to_vec(), values: Vec::new() }
    }

    /// Adds a metric that is not among the line's other members, unless it is 0.
    #[must_use]
    pub(crate) fn with(mut self, metric: &'static Metric, value: u64) -> Self {
        if value > 0 {
            self.metrics.push(metric);
            self.values.push((metric.name, value));
        }
        self
    }
}

/// The member that makes the line one in the embedded metric format, and the other metrics.
impl Serialize for Measured<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        for (name, value) in &self.values {
            members.serialize_entry(name, value)?;
        }
        let [service, stage] = DIMENSIONS;
        members.serialize_entry(service, &self.config.service)?;
        members.serialize_entry(stage, &self.config.stage)?;
        let directive = Directive { namespace: NAMESPACE, dimensions: [DIMENSIONS], metrics: &self.metrics };
        let metadata = Metadata { timestamp: self.at.as_microseconds() / 1000, directives: [directive] };
        members.serialize_entry("_aws", &metadata)?;
        members.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    timestamp: u64,
    #[serde(rename = "CloudWatchMetrics")]
    directives: [Directive<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'static str,
    dimensions: [[&'static str; 2]; 1],
    metrics: &'a [&'static Metric],
}

/// As in a metric directive.
impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(2))?;
        members.serialize_entry("Name", self.name)?;
        members.serialize_entry("Unit", self.unit)?;
        members.end()
    }
}
