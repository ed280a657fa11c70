//! A set of tables for one test.

use std::collections::HashMap;

use anyhow::Result;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::{Delivery, EmbeddedDynamoDb, EventSource, Template, create_tables, local_config};

/// The tables of one test: in an embedded DynamoDB, or in the DynamoDB at `DYNAMODB_LOCAL_ENDPOINT` if that
/// is set.
#[derive(Debug, Clone)]
pub struct TestStore {
    client: Client,
    endpoint: String,
    counts_units: bool,
    prefix: String,
}

impl TestStore {
    /// Creates the tables.
    ///
    /// # Errors
    /// If there is no DynamoDB, or the template cannot be read.
    pub async fn start() -> Result<Self> {
        Self::connect().await?.new_tables(false).await
    }

    /// The same, with the stream of the resources table. Other tests have no stream, because each stream
    /// slows down DynamoDB Local.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn with_stream() -> Result<Self> {
        Self::connect().await?.new_tables(true).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "no function reads this variable, so it is no configuration"
    )]
    async fn connect() -> Result<Self> {
        let local = std::env::var("DYNAMODB_LOCAL_ENDPOINT").ok();
        let counts_units = local.is_none();
        let endpoint = if let Some(endpoint) = local {
            endpoint
        } else {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            EmbeddedDynamoDb::start(listener, None)?.endpoint().to_owned()
        };
        Ok(Self {
            client: Client::new(&local_config(&endpoint)),
            endpoint,
            counts_units,
            prefix: String::new(),
        })
    }

    /// Other tables in the same DynamoDB.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn sibling(&self) -> Result<Self> {
        self.new_tables(false).await
    }

    async fn new_tables(&self, stream: bool) -> Result<Self> {
        let store = Self { prefix: format!("test-{}-", Uuid::now_v7().simple()), ..self.clone() };
        let mut template = Template::of_workspace()?;
        if !stream {
            template.tables.values_mut().for_each(|table| table.stream_specification = None);
        }
        create_tables(&store.endpoint, &template, |table| store.table(table)).await?;
        Ok(store)
    }

    /// Whether it is the embedded DynamoDB, which counts the capacity units of each index as DynamoDB does.
    /// DynamoDB Local does not.
    pub fn counts_units(&self) -> bool {
        self.counts_units
    }

    /// Its URL.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The same tables, at another URL.
    #[must_use]
    pub fn through(&self, endpoint: &str) -> Self {
        Self { client: Client::new(&local_config(endpoint)), endpoint: endpoint.to_owned(), ..self.clone() }
    }

    /// The configuration of its clients.
    pub fn config(&self) -> SdkConfig {
        local_config(&self.endpoint)
    }

    /// A client of it, for calls that no function makes.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The name of a table of the template.
    pub fn table(&self, logical_id: &str) -> String {
        format!("{}{logical_id}", self.prefix)
    }

    /// The stream of the resources table, from its beginning.
    ///
    /// # Errors
    /// If it has no stream.
    pub async fn changes(&self, delivery: Delivery) -> Result<EventSource> {
        EventSource::of(&self.endpoint, &self.table("ResourcesTable"), delivery, HashMap::new()).await
    }
}
