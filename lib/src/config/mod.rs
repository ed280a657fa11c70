//! The environment, read once at start. Each concern has a struct here whose fields name their variables; this is
//! the only place that reads variables.

mod access;
mod api_keys;
mod cache;
mod claims;
mod dynamodb;
mod environment;
mod history;
mod logging;
mod metrics;
mod processor;
mod rate_limits;
mod resources;
mod search;
mod stage;
mod writes;

pub use access::{AccessConfig, DEVELOPMENT_SECRET, KeySource, MIN_SECRET_LENGTH};
pub use api_keys::ApiKeysConfig;
pub use cache::CacheConfig;
pub use claims::ClaimsConfig;
pub use dynamodb::DynamoDbConfig;
pub use environment::{ConfigError, Environment};
pub use history::HistoryConfig;
pub use logging::LoggingConfig;
pub use metrics::MetricsConfig;
pub use processor::{ProcessorConfig, PublisherConfig};
pub use rate_limits::RateLimitsConfig;
pub use resources::ResourcesConfig;
pub use search::SearchConfig;
pub use stage::Stage;
pub use writes::WritesConfig;

#[cfg(test)]
mod tests;
