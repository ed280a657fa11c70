//! Which DynamoDB a command uses: the one that `dev` runs, or AWS's.

use std::env;

use anyhow::{Context as _, Result, anyhow};
use resource_api::aws;
use resource_api::config::{DynamoDbConfig, Environment};
use resource_api::repository::sdk::Client;
use testing::local_config;

use crate::local::{DYNAMODB_PORT, table_variable};

/// Which DynamoDB a command uses.
#[derive(clap::Args)]
pub(crate) struct Connection {
    /// Uses AWS, with the credentials and the region of the environment, and the tables that the variables of the functions
    /// name, such as `RESOURCES_TABLE`
    #[arg(long)]
    deployed: bool,
    /// The port of the DynamoDB that `dev` runs, unless `AWS_ENDPOINT_URL_DYNAMODB` names another
    #[arg(long, default_value_t = DYNAMODB_PORT, conflicts_with = "deployed")]
    dynamodb_port: u16,
}

impl Connection {
    /// A client, and where its DynamoDB is. In AWS the variables of these tables must be set.
    pub(crate) async fn open(&self, tables: &[&str]) -> Result<(Client, String)> {
        if self.deployed {
            let mut environment = Environment::of_process();
            for table in tables {
                environment.required(&table_variable(table));
            }
            let config = DynamoDbConfig::read(&mut environment);
            let config = environment.finish(config).context("the environment")?;
            let endpoint = config.endpoint.clone().unwrap_or_else(|| "AWS".to_owned());
            let client = aws::connect(config.endpoint).await.map_err(|error| anyhow!("{error}"))?;
            return Ok((client, endpoint));
        }
        let endpoint = env::var("AWS_ENDPOINT_URL_DYNAMODB")
            .unwrap_or_else(|_| format!("http://127.0.0.1:{}", self.dynamodb_port));
        Ok((aws::dynamodb_from(&local_config(&endpoint)), endpoint))
    }
}
