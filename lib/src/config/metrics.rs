//! Whether the log lines of requests and batches also carry metrics, and with which dimensions.

use super::Environment;

/// The values of the metrics' dimensions in CloudWatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsConfig {
    /// `SERVICE_NAME`: the name of the service; `resource-api` when missing. The template sets it to the
    /// stack's name.
    pub service: String,
    /// `STAGE`: the name of the deployment; `default` when missing.
    pub stage: String,
}

impl MetricsConfig {
    /// Reads its variables; `None` unless `METRICS` is `true`.
    pub fn read(environment: &mut Environment<'_>) -> Option<Self> {
        let enabled = environment.parsed("METRICS", false, "true or false", |text| text.parse().ok());
        let text =
            |name: &str, default: &str| environment.optional(name).unwrap_or_else(|| default.to_owned());
        let config = Self { service: text("SERVICE_NAME", "resource-api"), stage: text("STAGE", "default") };
        enabled.then_some(config)
    }
}
