//! The table of API keys: one item for each key, by its id.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use serde::{Deserialize, Serialize};

use super::item::Item;
use super::{errors, keys};
use crate::Error;
use crate::domain::{ApiKeyId, ApiKeyRecord, Role, Tenant, Timestamp};

/// The API keys table.
#[derive(Debug, Clone)]
pub struct ApiKeyRepository {
    client: Client,
    table: String,
}

/// A record as an item.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    pk: String,
    sha256: String,
    last_characters: String,
    name: String,
    tenant: String,
    role: String,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
}

impl ApiKeyRepository {
    /// The API keys in a table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Finds the record of a key with one strongly consistent read, so that a key is accepted as soon as it
    /// is created.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn find(&self, id: ApiKeyId) -> Result<Option<ApiKeyRecord>, Error> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, AttributeValue::S(id.to_string()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        output.item.map(Self::of_item).transpose()
    }

    /// Stores the record of a new key.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn create(&self, record: &ApiKeyRecord) -> Result<(), Error> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item(record)?));
        let put = put.condition_expression("attribute_not_exists(pk)");
        put.send().await.map(|_| ()).map_err(errors::translate)
    }

    /// Revokes a key. A key that was revoked before keeps its `revoked_at`.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such key.
    pub async fn revoke(&self, id: ApiKeyId, now: Timestamp) -> Result<(), Error> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, AttributeValue::S(id.to_string()))
            .update_expression("SET revoked_at = if_not_exists(revoked_at, :now)")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", AttributeValue::S(now.to_string()));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => Err(Error::NotFound),
            Err(error) => Err(errors::translate(error)),
        }
    }

    /// The record of an item of the table.
    ///
    /// # Errors
    /// If it is not a record of an API key.
    pub fn of_item(item: Item) -> Result<ApiKeyRecord, Error> {
        let stored: Stored = serde_dynamo::from_item(item).map_err(Error::defect)?;
        let defect =
            || Error::defect(format!("the item {} of the table of API keys cannot be read", stored.pk));
        Ok(ApiKeyRecord {
            id: ApiKeyId::parse(&stored.pk).ok_or_else(defect)?,
            tenant: Tenant::parse(&stored.tenant).ok_or_else(defect)?,
            role: Role::parse(&stored.role),
            sha256: stored.sha256,
            last_characters: stored.last_characters,
            name: stored.name,
            created_at: stored.created_at,
            expires_at: stored.expires_at,
            revoked_at: stored.revoked_at,
        })
    }
}

fn item(record: &ApiKeyRecord) -> Result<Item, Error> {
    let stored = Stored {
        pk: record.id.to_string(),
        sha256: record.sha256.clone(),
        last_characters: record.last_characters.clone(),
        name: record.name.clone(),
        tenant: record.tenant.to_string(),
        role: record.role.as_str().to_owned(),
        created_at: record.created_at,
        expires_at: record.expires_at,
        revoked_at: record.revoked_at,
    };
    serde_dynamo::to_item(stored).map_err(Error::defect)
}
