//! Several writes in one transaction, with their requirements, and the response that is stored for an idempotent request.

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
    /// What its caller may see.
    pub scope: &'a Scope,
    /// The subject that created all resources in the response, if there is one and the kind has `owners_only` roles.
    pub created_by: Option<&'a str>,
}

/// What is written together, or not at all.
#[derive(Debug, Clone, Copy)]
pub struct Transaction<'a> {
    /// Whose resources, and of which kind.
    pub collection: &'a Collection,
    /// What becomes of them.
    pub decisions: &'a [Decision],
    /// What must hold besides.
    pub requirements: &'a Requirements,
    /// Where unique values are stored.
    pub unique_values: &'a UniqueValueRepository,
    /// What is stored of an idempotent request.
    pub record: Option<IdempotencyRecord<'a>>,
}

/// Why nothing was written.
#[derive(Debug)]
pub enum TransactionError {
    /// Requirements that are not met, by their positions.
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
    /// Makes all writes or none, each on condition that its resource is at the version that was read and that all
    /// requirements are met, and stores the response on condition that none is stored for the request. Where a response is
    /// stored already, gives that one and writes nothing.
    ///
    /// # Errors
    /// [`TransactionError::Unmet`]; [`Error::WriteConflict`] when a resource is at another version by now, or another
    /// transaction is at it; [`Error::KeyReused`] when the key stands for another request; [`Error::TooLarge`] when an item
    /// would pass 400 KB, all of them 4 MB, or their number 100.
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
            // There is no room for the action that always fails.
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
            // With an idempotency key, the stored response tells whether a lost attempt was applied.
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
            // A value to be released that another resource holds became unique later, and was never held by this resource.
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

    /// The actions of a transaction, with those of its requirements at these places.
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
            // The transaction is sent nonetheless: its cancellation reasons name everything else that is refused.
            actions.push(unique_values.never(collection)?);
        }
        if let Some(IdempotencyRecord { repository, request, response, now, scope: _, created_by }) = record {
            let put = repository.put(request, response, created_by, now)?;
            actions.push(TransactWriteItem::builder().put(put).build());
        }
        Ok(actions)
    }

    /// A condition that a resource of a scope is there and is not deleted.
    fn check_is_there(&self, scope: &Scope, id: ResourceId) -> Result<TransactWriteItem, Error> {
        let mut expression = Expression::default();
        let condition = [expression.version_is(&ExpectedVersion::Any), expression.is_not_deleted()];
        let condition = expression.within_scope(scope, condition);
        self.condition_check(&scope.collection, id, condition, &expression)
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

/// What an action stores, in bytes as DynamoDB counts them.
fn stored_size(action: &TransactWriteItem) -> usize {
    action.put().map(|put| item_size::of_item(put.item())).unwrap_or_default()
}

/// What DynamoDB counts of an effect at least, in bytes: known before anything is built.
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

/// A transaction to be sent. The SDK gives each call a token, the same for all its attempts, by which DynamoDB knows a lost
/// answer's work.
fn transact_write_items(client: &Client, items: Vec<TransactWriteItem>) -> TransactWriteItemsFluentBuilder {
    let transaction = client.transact_write_items().set_transact_items(Some(items));
    transaction.return_consumed_capacity(ReturnConsumedCapacity::Total)
}
