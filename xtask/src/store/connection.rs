//! The DynamoDB that a command works on: the one that `dev` runs, or that of a deployment.

use std::env;

use anyhow::{Context as _, Result, anyhow};
use resource_api::aws;
use resource_api::config::{DynamoDbConfig, Environment};
use resource_api::repository::sdk::Client;
use testing::local_config;
use tokio::net::TcpStream;

use crate::local::{DYNAMODB_PORT, table_variable};

/// The DynamoDB that a command uses.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreOptions {
    /// Uses DynamoDB in AWS, with credentials and region from the environment. The variables of the
    /// functions, such as `RESOURCES_TABLE`, name the tables
    #[arg(long)]
    pub(crate) deployed: bool,
    /// The port of the DynamoDB that `dev` runs, unless `AWS_ENDPOINT_URL_DYNAMODB` names another
    #[arg(long, default_value_t = DYNAMODB_PORT, conflicts_with = "deployed")]
    dynamodb_port: u16,
}

impl StoreOptions {
    /// A client, and the name of its endpoint for messages. In AWS, the environment must name these tables.
    pub(crate) async fn connect(&self, tables: &[&str]) -> Result<(Client, String)> {
        if self.deployed {
            let mut environment = Environment::of_process();
            for table in tables {
                environment.required(&table_variable(table));
            }
            let config = DynamoDbConfig::read(&mut environment);
            let config = environment.finish(config).context("invalid environment variables")?;
            let endpoint = config.endpoint.clone().unwrap_or_else(|| "AWS".to_owned());
            let client = aws::dynamodb(config.endpoint).await.map_err(|error| anyhow!("{error}"))?;
            return Ok((client, endpoint));
        }
        let endpoint = env::var("AWS_ENDPOINT_URL_DYNAMODB")
            .unwrap_or_else(|_| format!("http://127.0.0.1:{}", self.dynamodb_port));
        if let Some(address) = endpoint.strip_prefix("http://127.0.0.1:") {
            let port = address.trim_end_matches('/').parse().unwrap_or_default();
            TcpStream::connect(("127.0.0.1", port)).await.with_context(|| {
                format!("no DynamoDB at {endpoint}; start one with `cargo xtask dev`, or set its port with --dynamodb-port")
            })?;
        }
        Ok((aws::dynamodb_from(&local_config(&endpoint)), endpoint))
    }
}
