//! A set of tables for one test.

use anyhow::Result;
use aws_sdk_dynamodb::Client;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::{EmbeddedDynamoDb, Template, create_tables, local_client};
use crate::repository::{ResourceRepository, Shards};

/// Tables of one test's own: in an embedded DynamoDB, or in the DynamoDB at `DYNAMODB_LOCAL_ENDPOINT` when that is
/// set.
#[derive(Debug, Clone)]
pub struct TestStore {
    client: Client,
    prefix: String,
}

impl TestStore {
    /// Creates the tables.
    ///
    /// # Errors
    /// When there is no DynamoDB, or the template cannot be read.
    #[expect(
        clippy::disallowed_methods,
        reason = "no function reads this variable, so it is no configuration"
    )]
    pub async fn start() -> Result<Self> {
        let endpoint = if let Ok(endpoint) = std::env::var("DYNAMODB_LOCAL_ENDPOINT") {
            endpoint
        } else {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            EmbeddedDynamoDb::start(listener, None)?.endpoint().to_owned()
        };
        let store =
            Self { client: local_client(&endpoint), prefix: format!("test-{}-", Uuid::now_v7().simple()) };
        create_tables(&store.client, &Template::of_workspace()?, |table| store.table(table)).await?;
        Ok(store)
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The name of a table of the template.
    pub fn table(&self, logical_id: &str) -> String {
        format!("{}{logical_id}", self.prefix)
    }

    /// The resources of these tables.
    pub fn resources(&self, shards: Shards) -> ResourceRepository {
        ResourceRepository::new(self.client.clone(), self.table("ResourcesTable"), shards)
    }
}
