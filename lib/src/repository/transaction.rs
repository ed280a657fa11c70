//! Several writes in one transaction, with the response that is stored for an idempotent request.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity, TransactWriteItem,
};

use super::expression::Expression;
use super::idempotency::IdempotencyRepository;
use super::resources::{partition_key, replaces};
use super::{ResourceRepository, errors, item, keys};
use crate::Error;
use crate::domain::{Collection, Effect, ExpectedVersion, FieldValue, ResourceId, Timestamp, Version};
use crate::idempotency::{IdempotentRequest, StoredResponse};

/// DynamoDB's limit for the items of a transaction, in bytes. What is certainly beyond is not sent, for a request has a
/// limit too, and DynamoDB answers what is beyond that in other words.
const MAX_SIZE: usize = 4 * 1024 * 1024;

/// What is stored with the writes of an idempotent request.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyRecord<'a> {
    /// Where responses are stored.
    pub repository: &'a IdempotencyRepository,
    /// The request.
    pub request: &'a IdempotentRequest,
    /// Its response.
    pub response: &'a StoredResponse,
    /// When it was made.
    pub now: Timestamp,
}

impl ResourceRepository {
    /// Makes all writes or none, each on condition that its resource is at the version that was read, and stores the
    /// response on condition that none is stored for the request; at most 100 actions together. Where a response is
    /// stored already, gives that one and writes nothing.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] when a resource is at another version by now, or another transaction is at it;
    /// [`Error::KeyReused`] when the key stands for another request; [`Error::TooLarge`] when an item would pass 400 KB,
    /// or all of them 4 MB.
    pub async fn transact(
        &self,
        collection: &Collection,
        effects: &[Effect],
        record: Option<IdempotencyRecord<'_>>,
    ) -> Result<Option<StoredResponse>, Error> {
        if effects.iter().map(size).sum::<usize>() > MAX_SIZE {
            return Err(errors::transaction_too_large());
        }
        let mut items = Vec::with_capacity(effects.len() + 1);
        for effect in effects {
            items.push(self.write(collection, effect)?);
        }
        if let Some(IdempotencyRecord { repository, request, response, now }) = record {
            items.push(TransactWriteItem::builder().put(repository.put(request, response, now)?).build());
        }
        let Err(error) = send(&self.client, items).await else { return Ok(None) };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
            && let Some(IdempotencyRecord { request, .. }) = record
            && let Some(reason) = cancelled.cancellation_reasons().get(effects.len())
            && let Some(item) = reason.item.clone()
        {
            return IdempotencyRepository::response(item, request).map(Some);
        }
        Err(failure(error))
    }

    /// A condition that a resource is at a version, or that there is none.
    pub(super) fn check(
        &self,
        collection: &Collection,
        id: ResourceId,
        version: Option<Version>,
    ) -> Result<TransactWriteItem, Error> {
        let (condition, expression) = match version {
            Some(version) => at(version),
            None => ("attribute_not_exists(pk)".to_owned(), Expression::default()),
        };
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, partition_key(collection, id))
            .condition_expression(condition)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values());
        Ok(TransactWriteItem::builder().condition_check(check.build().map_err(Error::defect)?).build())
    }

    fn write(&self, collection: &Collection, effect: &Effect) -> Result<TransactWriteItem, Error> {
        let action = TransactWriteItem::builder();
        let action = match effect {
            Effect::Stored(resource) => {
                let (condition, expression) = replaces(resource);
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(item::to_store(&collection.tenant, resource, self.shards)?))
                    .condition_expression(condition)
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values());
                action.put(put.build().map_err(Error::defect)?)
            }
            Effect::Purged(id, version) => {
                let (condition, expression) = at(*version);
                let delete = Delete::builder()
                    .table_name(&self.table)
                    .key(keys::PARTITION_KEY, partition_key(collection, *id))
                    .condition_expression(condition)
                    .set_expression_attribute_names(expression.names())
                    .set_expression_attribute_values(expression.values());
                action.delete(delete.build().map_err(Error::defect)?)
            }
            Effect::Unchanged(resource) => {
                return self.check(collection, resource.id, Some(resource.version));
            }
        };
        Ok(action.build())
    }
}

/// What DynamoDB counts of an effect at least, in bytes.
fn size(effect: &Effect) -> usize {
    match effect {
        Effect::Stored(resource) => {
            let size = |value: &FieldValue| match value {
                FieldValue::Json(json) => json.as_bytes().len(),
                FieldValue::Text(text) => text.len(),
                _ => 0,
            };
            resource.values.iter().map(|(_, _, value)| size(value)).sum()
        }
        Effect::Unchanged(_) | Effect::Purged(..) => 0,
    }
}

/// The condition that a resource is at a version.
fn at(version: Version) -> (String, Expression) {
    let mut expression = Expression::default();
    (expression.version_is(&ExpectedVersion::OneOf(vec![version])), expression)
}

/// Sends a transaction. The SDK gives each call a token, the same for all its attempts, by which DynamoDB knows a lost
/// answer's work.
pub(super) async fn send(
    client: &Client,
    items: Vec<TransactWriteItem>,
) -> Result<(), SdkError<TransactWriteItemsError>> {
    let transaction = client.transact_write_items().set_transact_items(Some(items));
    transaction.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.map(drop)
}

/// What a failed transaction means.
pub(super) fn failure(error: SdkError<TransactWriteItemsError>) -> Error {
    let known = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancellation(cancelled.cancellation_reasons())
        }
        _ => None,
    };
    known.unwrap_or_else(|| errors::translate(error))
}

/// What the reasons of a cancelled transaction mean; `None` for those that are not expected here.
fn cancellation(reasons: &[CancellationReason]) -> Option<Error> {
    let codes = || reasons.iter().filter_map(|reason| reason.code.as_deref());
    if codes().any(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict")) {
        return Some(Error::WriteConflict);
    }
    if let Some(code) =
        codes().find(|code| matches!(*code, "ThrottlingError" | "ProvisionedThroughputExceeded"))
    {
        return Some(Error::Unavailable(code.to_owned().into()));
    }
    reasons.iter().filter_map(|reason| reason.message.as_deref()).find_map(errors::too_large)
}
