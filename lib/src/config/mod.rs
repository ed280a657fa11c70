//! The environment, read once at start. Each concern has a struct here whose fields name their variables; this is
//! the only place that reads variables.

mod dynamodb;
mod environment;
mod logging;
mod resources;

pub use dynamodb::DynamoDbConfig;
pub use environment::{ConfigError, Environment};
pub use logging::LoggingConfig;
pub use resources::ResourcesConfig;

#[cfg(test)]
mod tests;
