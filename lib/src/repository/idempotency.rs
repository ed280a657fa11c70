//! The idempotency table: the stored responses of idempotent requests.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
};
use serde::{Deserialize, Serialize};

use super::item::Item;
use super::{errors, keys};
use crate::Error;
use crate::domain::{Scope, Timestamp};
use crate::idempotency::{IdempotentRequest, RESPONSE_TTL, StoredResponse};

/// The idempotency table.
#[derive(Debug, Clone)]
pub struct IdempotencyRepository {
    client: Client,
    table: String,
}

/// A response, with a hash of its request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    pk: String,
    request: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// The subject that created all resources in the response, if there is one and the kind has `owners_only` roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
    /// Seconds since the Unix epoch, for DynamoDB's TTL.
    expires_at: u64,
}

impl IdempotencyRepository {
    /// The stored responses in a table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The stored response of a request, if there is one: one strongly consistent read.
    ///
    /// # Errors
    /// [`Error::KeyReused`] if the key was used for another request, [`Error::NotFound`] if the response
    /// contains resources outside the scope.
    pub async fn find(
        &self,
        idempotent: &IdempotentRequest,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Option<StoredResponse>, Error> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, AttributeValue::S(idempotent.key.clone()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        match output.item.map(to_record).transpose()? {
            Some(record) if record.expires_at > now.since_epoch().0 => {
                record.response_to(idempotent, scope).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A put of a response, on condition that its key has none, or an expired one.
    pub(super) fn put(
        &self,
        idempotent: &IdempotentRequest,
        response: &StoredResponse,
        created_by: Option<&str>,
        now: Timestamp,
    ) -> Result<Put, Error> {
        let (now, _) = now.since_epoch();
        let record = Record {
            pk: idempotent.key.clone(),
            request: idempotent.request.clone(),
            status: response.status,
            etag: response.etag.clone(),
            location: response.location.clone(),
            body: response.body.clone(),
            created_by: created_by.map(str::to_owned),
            expires_at: now + RESPONSE_TTL,
        };
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(serde_dynamo::to_item(record).map_err(Error::defect)?))
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
            .expression_attribute_values(":now", AttributeValue::N(now.to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(Error::defect)
    }

    /// The response in the item because of which the condition failed.
    pub(super) fn response(
        item: Item,
        idempotent: &IdempotentRequest,
        scope: &Scope,
    ) -> Result<StoredResponse, Error> {
        to_record(item)?.response_to(idempotent, scope)
    }
}

impl Record {
    fn response_to(self, idempotent: &IdempotentRequest, scope: &Scope) -> Result<StoredResponse, Error> {
        if self.request != idempotent.request {
            return Err(Error::KeyReused);
        }
        // The caller may have had another role when the response was stored.
        if scope.owner.is_some() && !self.created_by.is_some_and(|subject| scope.covers(&subject)) {
            return Err(Error::NotFound);
        }
        Ok(StoredResponse { status: self.status, etag: self.etag, location: self.location, body: self.body })
    }
}

fn to_record(item: Item) -> Result<Record, Error> {
    serde_dynamo::from_item(item).map_err(Error::defect)
}
