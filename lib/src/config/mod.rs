//! The environment, read once at start. Each concern has a struct here whose fields name their variables; this is
//! the only place that reads variables.

mod access;
mod cache;
mod dynamodb;
mod environment;
mod history;
mod logging;
mod processor;
mod rate_limits;
mod resources;
mod search;
mod stage;
mod writes;

pub use access::{AccessConfig, DEVELOPMENT_SECRET, KeySource, MIN_SECRET_LENGTH};
pub use cache::CacheConfig;
pub use dynamodb::DynamoDbConfig;
pub use environment::{ConfigError, Environment};
pub use history::HistoryConfig;
pub use logging::LoggingConfig;
pub use processor::{ProcessorConfig, PublisherConfig};
pub use rate_limits::RateLimitsConfig;
pub use resources::ResourcesConfig;
pub use search::SearchConfig;
pub use stage::Stage;
pub use writes::WritesConfig;

#[cfg(test)]
mod tests;
