//! The environment, read once at start. Each concern has a struct here whose fields name their variables; this is
//! the only place that reads variables.

mod access;
mod cache;
mod changes;
mod dynamodb;
mod environment;
mod logging;
mod rate_limits;
mod resources;

pub use access::{AccessConfig, DEVELOPMENT_SECRET, KeySource, MIN_SECRET_LENGTH};
pub use cache::CacheConfig;
pub use changes::ChangesConfig;
pub use dynamodb::DynamoDbConfig;
pub use environment::{ConfigError, Environment};
pub use logging::LoggingConfig;
pub use rate_limits::RateLimitsConfig;
pub use resources::ResourcesConfig;

#[cfg(test)]
mod tests;
