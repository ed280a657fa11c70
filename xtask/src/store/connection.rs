//! The DynamoDB that a command works on: the one that `dev` runs, or that of a deployment.

use std::env;

use anyhow::{Context as _, Result, anyhow};
use resource_api::aws;
use resource_api::config::{DynamoDbConfig, Environment};
use resource_api::repository::sdk::Client;
use testing::local_config;
use tokio::net::TcpStream;

use crate::local::{DYNAMODB_PORT, table_variable};

/// Which DynamoDB.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreOptions {
    /// Uses AWS, with the credentials and the region of the environment, and the tables that the functions' own variables name:
    /// `RESOURCES_TABLE` and so on
    #[arg(long)]
    pub(crate) deployed: bool,
    /// The port of the DynamoDB that `dev` runs, unless `AWS_ENDPOINT_URL_DYNAMODB` names another
    #[arg(long, default_value_t = DYNAMODB_PORT, conflicts_with = "deployed")]
    dynamodb_port: u16,
}

impl StoreOptions {
    /// The client, and what it is connected to. In AWS, the environment has to name these tables.
    pub(crate) async fn connect(&self, tables: &[&str]) -> Result<(Client, String)> {
        if self.deployed {
            let mut environment = Environment::of_process();
            for table in tables {
                environment.required(&table_variable(table));
            }
            let config = DynamoDbConfig::read(&mut environment);
            let config = environment.finish(config).context("the environment")?;
            let endpoint = config.endpoint.clone().unwrap_or_else(|| "AWS".to_owned());
            let client = aws::dynamodb(config.endpoint).await.map_err(|error| anyhow!("{error}"))?;
            return Ok((client, endpoint));
        }
        let endpoint = env::var("AWS_ENDPOINT_URL_DYNAMODB")
            .unwrap_or_else(|_| format!("http://127.0.0.1:{}", self.dynamodb_port));
        if let Some(address) = endpoint.strip_prefix("http://127.0.0.1:") {
            let port = address.trim_end_matches('/').parse().unwrap_or_default();
            TcpStream::connect(("127.0.0.1", port)).await.with_context(|| {
                format!("no DynamoDB answers at {endpoint}; `cargo xtask dev` runs one. --dynamodb-port names its port")
            })?;
        }
        Ok((aws::dynamodb_from(&local_config(&endpoint)), endpoint))
    }
}
