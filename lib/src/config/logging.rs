//! What is logged.

use tracing_subscriber::filter::{LevelFilter, Targets};

use super::{Environment, MetricsConfig};

/// What is logged.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggingConfig {
    /// `RUST_LOG`: a level, or levels by target as in `warn,resource_api=debug`; `info` when missing.
    pub filter: Targets,
    /// `METRICS`: whether the lines of requests and batches have metrics. These lines are then written
    /// whatever the filter is.
    pub metrics: Option<MetricsConfig>,
}

impl LoggingConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        let default = Targets::new().with_default(LevelFilter::INFO);
        let rule = "a level or target=level pairs, by comma";
        Self {
            filter: environment.parsed("RUST_LOG", default, rule, |value| value.parse().ok()),
            metrics: MetricsConfig::read(environment),
        }
    }
}
