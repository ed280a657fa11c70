//! Writes several resources in one transaction, with their requirements and the response of an idempotent
//! request.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;
use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, ReturnConsumedCapacity, TransactWriteItem};

use super::cancellation::{Reasons, failure};
use super::expression::Expression;
use super::idempotency::IdempotencyRepository;
use super::item::Item;
use super::lost_responses::LostResponses;
use super::resources::{is_new, partition_key, replaces};
use super::{ResourceRepository, UniqueValueRepository, errors, item, item_size, keys};
use crate::Error;
use crate::domain::{
    Collection, Decision, Effect, ExpectedVersion, FieldValue, MAX_ACTIONS, Required, Requirement,
    Requirements, ResourceId, Scope, Timestamp, Version,
};
use crate::idempotency::{IdempotentRequest, StoredResponse};

/// DynamoDB's limit for the items of a transaction, in bytes. A transaction that certainly exceeds it is not
/// sent, because DynamoDB reports requests over its size limit with a different message.
const MAX_SIZE: usize = 4 * 1024 * 1024;

/// The response to store with the writes of an idempotent request.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyRecord<'a> {
    /// The idempotency table.
    pub repository: &'a IdempotencyRepository,
    /// The request.
    pub request: &'a IdempotentRequest,
    /// Its response.
    pub response: &'a StoredResponse,
    /// The time of the request.
    pub now: Timestamp,
    /// The scope of its caller.
    pub scope: &'a Scope,
    /// The subject that created all resources in the response, if there is one and the kind has `owners_only` roles.
    pub created_by: Option<&'a str>,
}

/// The writes of a transaction.
#[derive(Debug, Clone, Copy)]
pub struct Transaction<'a> {
    /// The tenant and the kind of the resources.
    pub collection: &'a Collection,
    /// The decided changes.
    pub decisions: &'a [Decision],
    /// The conditions on other resources.
    pub requirements: &'a Requirements,
    /// The unique values table.
    pub unique_values: &'a UniqueValueRepository,
    /// The response to store, if the request is idempotent.
    pub record: Option<IdempotencyRecord<'a>>,
}

/// The reason why nothing was written.
#[derive(Debug)]
pub enum TransactionError {
    /// The positions of the violated requirements.
    Unmet(Vec<usize>),
    /// Anything else.
    Other(Error),
}

impl From<Error> for TransactionError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl ResourceRepository {
    /// Applies all changes or none, and stores the response. The conditions are that each resource is at the
    /// version that was read, that all requirements hold, and that no response is stored for the request. If
    /// one is stored, returns it and writes nothing.
    ///
    /// # Errors
    /// [`TransactionError::Unmet`]; [`Error::WriteConflict`] if a resource is at another version, or another
    /// transaction is writing it; [`Error::KeyReused`] if the key was used for another request;
    /// [`Error::TooLarge`] if an item would exceed 400 KB, all items 4 MB, or the actions 100.
    pub async fn transact(
        &self,
        transaction: Transaction<'_>,
    ) -> Result<Option<StoredResponse>, TransactionError> {
        let Transaction { decisions, requirements, record, .. } = transaction;
        if decisions.iter().map(|decision| size(&decision.effect)).sum::<usize>() > MAX_SIZE {
            return Err(errors::transaction_too_large().into());
        }
        let actions = decisions.len() + requirements.all.len() + usize::from(record.is_some());
        if actions > MAX_ACTIONS {
            return Err(errors::too_many_actions(actions).into());
        }
        if actions == MAX_ACTIONS && requirements.are_impossible() {
            // No action is left for the one that always fails.
            return Err(TransactionError::Unmet(Vec::new()));
        }
        let mut asked: Vec<usize> = (0..requirements.all.len()).collect();
        loop {
            let lost = LostResponses::default();
            let actions = self.actions(transaction, &asked)?;
            if actions.iter().map(stored_size).sum::<usize>() > MAX_SIZE {
                return Err(errors::transaction_too_large().into());
            }
            let sent = transact_write_items(&self.client, actions).customize();
            let Err(error) = sent.interceptor(lost.clone()).send().await else { return Ok(None) };
            // With an idempotency key, the stored response shows whether a lost attempt was applied.
            let certain = |error| if record.is_some() { error } else { lost.certain(error) };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            else {
                return Err(certain(failure(error)).into());
            };
            let reasons = Reasons(cancelled.cancellation_reasons());
            let written = decisions.len();
            if let Some(IdempotencyRecord { request, scope, .. }) = record
                && let Some(item) = reasons.last_item()
            {
                return Ok(IdempotencyRepository::response(item, request, scope).map(Some)?);
            }
            if reasons.conflict() || (0..written).any(|place| reasons.failed(place)) {
                return Err(certain(Error::WriteConflict).into());
            }
            let failed = asked.iter().enumerate().filter(|(place, _)| reasons.failed(written + place));
            let failed: Vec<usize> = failed.map(|(_, number)| *number).collect();
            // A value to release that another resource holds became unique later, and this resource never
            // held it.
            let (not_held, unmet): (Vec<_>, Vec<_>) = failed
                .into_iter()
                .partition(|number| requirements.all.get(*number).is_some_and(Requirement::only_releases));
            if lost.any() && record.is_none() {
                return Err(lost.certain(Error::WriteConflict).into());
            }
            if !unmet.is_empty() || requirements.are_impossible() {
                return Err(TransactionError::Unmet(unmet));
            }
            if not_held.is_empty() {
                return Err(failure(error).into());
            }
            asked.retain(|number| !not_held.contains(number));
        }
    }

    /// The actions of a transaction, with the requirements at these positions.
    fn actions(
        &self,
        transaction: Transaction<'_>,
        asked: &[usize],
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let Transaction { collection, decisions, requirements, unique_values, record } = transaction;
        let mut actions = Vec::with_capacity(decisions.len() + asked.len() + 1);
        for decision in decisions {
            actions.push(self.write(collection, &decision.effect)?);
        }
        for requirement in asked.iter().filter_map(|number| requirements.all.get(*number)) {
            actions.push(match &requirement.what {
                Required::UniqueValue { value, from, to } => {
                    unique_values.pass(collection, value, from, *to)?
                }
                Required::Resource(scope, id) => self.check_is_there(scope, *id)?,
            });
        }
        if requirements.are_impossible() {
            // The transaction is sent nonetheless, because its cancellation reasons name the other violated
            // requirements.
            actions.push(unique_values.never(collection)?);
        }
        if let Some(IdempotencyRecord { repository, request, response, now, scope: _, created_by }) = record {
            let put = repository.put(request, response, created_by, now)?;
            actions.push(TransactWriteItem::builder().put(put).build());
        }
        Ok(actions)
    }

    /// A check that a resource exists in a scope and is not deleted.
    fn check_is_there(&self, scope: &Scope, id: ResourceId) -> Result<TransactWriteItem, Error> {
        let mut expression = Expression::default();
        let condition = [expression.version_is(&ExpectedVersion::Any), expression.is_not_deleted()];
        let condition = expression.within_scope(scope, condition);
        self.condition_check(&scope.collection, id, condition, &expression)
    }

    /// A check that a resource is at a version, or with `None` does not exist.
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
        self.condition_check(collection, id, condition, &expression)
    }

    fn condition_check(
        &self,
        collection: &Collection,
        id: ResourceId,
        condition: String,
        expression: &Expression,
    ) -> Result<TransactWriteItem, Error> {
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
                let item = item::to_store(&collection.tenant, resource, self.shards)?;
                action.put(self.put_action(item, replaces(resource))?)
            }
            Effect::Imported(resource, announcement) => {
                let item = item::to_import(&collection.tenant, resource, *announcement, self.shards)?;
                action.put(self.put_action(item, is_new())?)
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

    fn put_action(&self, item: Item, (condition, expression): (String, Expression)) -> Result<Put, Error> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values());
        put.build().map_err(Error::defect)
    }
}

/// The bytes that an action stores, as DynamoDB counts them.
fn stored_size(action: &TransactWriteItem) -> usize {
    action.put().map(|put| item_size::of_item(put.item())).unwrap_or_default()
}

/// A lower bound of the bytes that an effect stores, known before its item is built.
fn size(effect: &Effect) -> usize {
    match effect {
        Effect::Stored(resource) | Effect::Imported(resource, _) => {
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

/// Sends a transaction.
pub(super) async fn send(
    client: &Client,
    items: Vec<TransactWriteItem>,
) -> Result<(), SdkError<TransactWriteItemsError>> {
    transact_write_items(client, items).send().await.map(drop)
}

/// A call of `TransactWriteItems`. The SDK sends the same client request token with all attempts of a call,
/// so that DynamoDB recognizes a retry after a lost response.
fn transact_write_items(client: &Client, items: Vec<TransactWriteItem>) -> TransactWriteItemsFluentBuilder {
    let transaction = client.transact_write_items().set_transact_items(Some(items));
    transaction.return_consumed_capacity(ReturnConsumedCapacity::Total)
}
