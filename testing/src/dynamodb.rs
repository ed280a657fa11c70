//! An embedded DynamoDB in this process, and clients for a local DynamoDB.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TableDescription,
};
use dynoxide::Database;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::event_source::stream_of;
use super::iam::Enforcing;
use super::stream_index;
use super::template::{self, Table};

/// A DynamoDB that runs in this process for as long as its runtime does.
#[derive(Debug)]
pub struct EmbeddedDynamoDb {
    endpoint: String,
}

impl EmbeddedDynamoDb {
    /// Starts it on a listener. Its data is in a file, or in memory if `file` is `None`.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn start(listener: TcpListener, file: Option<&Path>) -> Result<Self> {
        let path = match file {
            Some(file) => file.to_str().context("the data's path is not UTF-8")?.to_owned(),
            // In memory, but with a name, so that it can be opened twice.
            None => format!("file:{}?mode=memory&cache=shared", Uuid::now_v7()),
        };
        let database = Database::new(&path);
        let database = database.map_err(|error| anyhow!("the embedded DynamoDB does not start: {error}"))?;
        stream_index::prepare(&path)?;
        let mut address = listener.local_addr()?;
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let endpoint = format!("http://{address}");
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        Ok(Self { endpoint })
    }

    /// Its URL on this machine: `http://127.0.0.1:8000`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// The configuration of clients of a local service.
pub fn local_config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "a service on this machine");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(endpoint)
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Enforcing(aws_smithy_http_client::Builder::new().build_http()))
        .build()
}

/// Creates the template's tables in the DynamoDB at a URL. `name` maps their logical ids to table names.
/// Existing tables must have the keys and indexes of the template, and get the stream if they lack it.
///
/// # Errors
/// If DynamoDB rejects a table.
pub async fn create_tables(
    endpoint: &str,
    template: &template::Template,
    name: impl Fn(&str) -> String,
) -> Result<()> {
    let config = local_config(endpoint);
    let (client, streams) = (Client::new(&config), aws_sdk_dynamodbstreams::Client::new(&config));
    for (logical_id, table) in &template.tables {
        let name = name(logical_id);
        let created = create_table(&client, &name, table).await;
        let is_new = created.with_context(|| format!("cannot create {logical_id}"))?;
        let stream = stream_specification(table)?;
        if !is_new && stream.is_some() && stream_of(&streams, &name).await?.is_none() {
            client.update_table().table_name(name).set_stream_specification(stream).send().await?;
        }
    }
    Ok(())
}

/// Creates a table of the template. Returns whether it did not exist. An existing table must have the keys
/// and indexes of the template.
///
/// # Errors
/// If DynamoDB rejects it, or it exists with other keys or indexes.
pub async fn create_table(client: &Client, name: &str, table: &Table) -> Result<bool> {
    let attributes = table.attribute_definitions.iter().map(|attribute| {
        AttributeDefinition::builder()
            .attribute_name(&attribute.attribute_name)
            .attribute_type(ScalarAttributeType::from(attribute.attribute_type.as_str()))
            .build()
    });
    let indexes = table.global_secondary_indexes.iter().map(index);
    let indexes = indexes.collect::<Result<Vec<_>>>()?;
    let created = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.collect::<Result<_, _>>()?))
        .set_key_schema(Some(key_schema(&table.key_schema)?))
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .set_stream_specification(stream_specification(table)?)
        .send()
        .await;
    match created {
        Err(error)
            if error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception) =>
        {
            let described = client.describe_table().table_name(name).send().await?.table;
            ensure_same(&described.context("no description")?, table)?;
            Ok(false)
        }
        created => created.map(|_| true).map_err(Into::into),
    }
}

/// Checks that a table has the keys and indexes of the template.
///
/// # Errors
/// If it has others.
pub fn ensure_same(described: &TableDescription, table: &Table) -> Result<()> {
    let indexes = described.global_secondary_indexes();
    let same_index = |index: &GlobalSecondaryIndex| {
        indexes.iter().any(|found| {
            let projected = |projection: Option<&Projection>| -> BTreeSet<String> {
                projection.map(|it| it.non_key_attributes().iter().cloned().collect()).unwrap_or_default()
            };
            found.index_name() == Some(index.index_name())
                && found.key_schema() == index.key_schema()
                && projected(found.projection()) == projected(index.projection())
        })
    };
    let wanted = table.global_secondary_indexes.iter().map(index).collect::<Result<Vec<_>>>()?;
    ensure!(
        described.key_schema() == key_schema(&table.key_schema)?
            && indexes.len() == wanted.len()
            && wanted.iter().all(same_index),
        "the table {} is there with other keys or indexes than in template.yaml",
        described.table_name().unwrap_or_default()
    );
    Ok(())
}

/// The stream of a table according to the template.
///
/// # Errors
/// Only because of a defect.
pub fn stream_specification(table: &Table) -> Result<Option<StreamSpecification>> {
    let stream = table.stream_specification.as_ref().map(|stream| {
        StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::from(stream.stream_view_type.as_str()))
            .build()
    });
    Ok(stream.transpose()?)
}

fn key_schema(elements: &[template::KeySchemaElement]) -> Result<Vec<KeySchemaElement>> {
    let element = |element: &template::KeySchemaElement| {
        KeySchemaElement::builder()
            .attribute_name(&element.attribute_name)
            .key_type(KeyType::from(element.key_type.as_str()))
            .build()
    };
    Ok(elements.iter().map(element).collect::<Result<_, _>>()?)
}

fn index(index: &template::Index) -> Result<GlobalSecondaryIndex> {
    let attributes = &index.projection.non_key_attributes;
    let projection = Projection::builder()
        .projection_type(ProjectionType::from(index.projection.projection_type.as_str()))
        .set_non_key_attributes((!attributes.is_empty()).then(|| attributes.clone()));
    Ok(GlobalSecondaryIndex::builder()
        .index_name(&index.index_name)
        .set_key_schema(Some(key_schema(&index.key_schema)?))
        .projection(projection.build())
        .build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tables_of_another_template_are_named() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dynamodb = EmbeddedDynamoDb::start(listener, None).unwrap();
        let mut template = template::Template::of_workspace().unwrap();
        create_tables(dynamodb.endpoint(), &template, str::to_owned).await.unwrap();
        create_tables(dynamodb.endpoint(), &template, str::to_owned).await.unwrap();
        let table = template.tables.get_mut("ResourcesTable").unwrap();
        table.global_secondary_indexes[0].projection.non_key_attributes.pop();
        let error = create_tables(dynamodb.endpoint(), &template, str::to_owned).await.unwrap_err();
        assert!(format!("{error:#}").contains("ResourcesTable is there with other keys"), "{error:#}");
    }
}
