//! The times at which files were first imported, in the idempotency table. A record without a time gets this
//! one.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use super::{errors, item, keys};
use crate::Error;
use crate::domain::{Collection, Timestamp};

/// The attribute with the time. The item has no `expires_at`, so that it never expires.
const STARTED_AT: &str = "started_at";

/// The times of first imports.
#[derive(Debug, Clone)]
pub struct FirstImports {
    client: Client,
    table: String,
}

impl FirstImports {
    /// The times in a table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The time at which a file, by its digest, was first imported into a collection; `None` if it never was.
    /// One strongly consistent read.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn find(&self, collection: &Collection, digest: &str) -> Result<Option<Timestamp>, Error> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, AttributeValue::S(keys::first_import(collection, digest)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        let Some(item) = output.item else { return Ok(None) };
        let started_at = Timestamp::parse(item::text(&item, STARTED_AT)?);
        started_at.map(Some).ok_or_else(|| Error::defect("the time of a first import is none"))
    }

    /// Stores the time of a file's first import, unless there is one.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn keep(
        &self,
        collection: &Collection,
        digest: &str,
        started_at: Timestamp,
    ) -> Result<(), Error> {
        let output = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(keys::PARTITION_KEY, AttributeValue::S(keys::first_import(collection, digest)))
            .item(STARTED_AT, AttributeValue::S(started_at.to_string()))
            .condition_expression("attribute_not_exists(pk)")
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match output {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(errors::translate(error)),
            },
        }
    }
}
