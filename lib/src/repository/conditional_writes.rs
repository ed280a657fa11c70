//! Changes that are one conditional write, whatever the resource was before: replace, delete, purge.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure};

use super::expression::Expression;
use super::item::Item;
use super::lost_responses::LostResponses;
use super::resources::partition_key;
use super::{ResourceRepository, errors, item, keys};
use crate::Error;
use crate::domain::{
    Caller, Collection, ExpectedVersion, Resource, ResourceId, ResourceKey, Scope, Timestamp, Values, Version,
};

impl ResourceRepository {
    /// Gives a resource other values, and a new version with them, in one write. Values that are already there
    /// change nothing. Gives the resource as it is afterwards.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] when a transaction is changing the resource, [`Error::Unavailable`] also when a response was lost
    /// and what was stored then does not tell whether this change is in it.
    /// [`Error::NotFound`] when there is no such resource, [`Error::PreconditionFailed`] when it is not at an
    /// expected version, [`Error::TooLarge`] when its item would pass 400 KB.
    pub async fn replace(
        &self,
        caller: &Caller,
        scope: &Scope,
        id: ResourceId,
        values: Values,
        expected: &ExpectedVersion,
        now: Timestamp,
    ) -> Result<Resource, Error> {
        let changed = Resource {
            id,
            values,
            version: 0,
            updated_at: now,
            created_by: String::new(),
            updated_by: caller.subject.clone(),
            purge_at: None,
        };
        let Scope { collection, .. } = scope;
        let kind = scope.kind();
        let item = item::to_store(&collection.tenant, &changed, self.shards)?;
        let mut expression = Expression::default();
        let update = expression.set_and_count_up(&item, &item::changed_attributes(kind));
        let condition = [
            expression.version_is(expected),
            expression.is_not_deleted(),
            expression.any_differs(&item, &item::CLIENT_OWNED_ATTRIBUTES),
        ];
        let condition = expression.within_scope(scope, condition);
        let lost = LostResponses::default();
        let update = self.update(collection, id, &expression, update, condition);
        match update.customize().interceptor(lost.clone()).send().await {
            Ok(output) => output
                .attributes
                .ok_or_else(|| Error::defect("an update gave no item"))
                .and_then(|item| item::to_resource(kind, item)),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                    let stored = stored(scope, failure.item.clone(), |stored| !stored.is_deleted());
                    let stored = stored.map_err(|refusal| lost.certain(refusal))?;
                    // What fails neither condition is what the change would leave as it is.
                    let done = stored.values == changed.values && is_of(&stored, caller, now);
                    if done || expected.allows(stored.version) {
                        Ok(stored)
                    } else {
                        Err(lost.certain(stale(&stored)))
                    }
                }
                _ => Err(lost.certain(errors::translate(error))),
            },
        }
    }

    /// Deletes a resource, so that it can be restored until `purge_at`, in one write. Gives it as it is afterwards.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such resource, [`Error::PreconditionFailed`] when it is not at an
    /// expected version.
    pub async fn delete(
        &self,
        caller: &Caller,
        scope: &Scope,
        id: ResourceId,
        expected: &ExpectedVersion,
        now: Timestamp,
        purge_at: Timestamp,
    ) -> Result<Resource, Error> {
        let Scope { collection, .. } = scope;
        let kind = scope.kind();
        let deleted = item::deleted(caller, collection, id, now, purge_at, self.shards);
        let mut expression = Expression::default();
        let update = expression.set_and_count_up(&deleted, &item::DELETION_ATTRIBUTES);
        let condition = [expression.version_is(expected), expression.is_not_deleted()];
        let condition = expression.within_scope(scope, condition);
        let lost = LostResponses::default();
        let update = self.update(collection, id, &expression, update, condition);
        let error = match update.customize().interceptor(lost.clone()).send().await {
            Ok(output) => return item::to_resource(kind, output.attributes.unwrap_or_default()),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                let done = |stored: &Resource| stored.is_deleted() && is_of(stored, caller, now);
                let stored =
                    stored(scope, failure.item.clone(), |stored| !stored.is_deleted() || done(stored));
                let stored = stored.map_err(|refusal| lost.certain(refusal))?;
                if done(&stored) { Ok(stored) } else { Err(lost.certain(stale(&stored))) }
            }
            _ => Err(lost.certain(errors::translate(error))),
        }
    }

    /// Removes a resource for good, deleted or not, in one write. Gives the version that it was at.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such resource, [`Error::PreconditionFailed`] when it is not at an
    /// expected version.
    pub async fn purge(
        &self,
        scope: &Scope,
        id: ResourceId,
        expected: &ExpectedVersion,
        now: Timestamp,
    ) -> Result<Version, Error> {
        let mut expression = Expression::default();
        let condition = [expression.version_is(expected), expression.exists_at(now)];
        let condition = expression.within_scope(scope, condition);
        let lost = LostResponses::default();
        let output = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, partition_key(&scope.collection, id))
            .condition_expression(condition)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .customize()
            .interceptor(lost.clone())
            .send()
            .await;
        let error = match output {
            Ok(output) => return item::version(&output.attributes.unwrap_or_default()),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(failure)) => {
                let stored = stored(scope, failure.item.clone(), |stored| stored.exists_at(now));
                // What is there has not been removed.
                Err(stale(&stored.map_err(|refusal| lost.certain(refusal))?))
            }
            _ => Err(lost.certain(errors::translate(error))),
        }
    }

    /// Writes the keys and the parts of a resource's item as its kind is declared now, where they are otherwise, in one write
    /// that makes no version; nothing where the resource has changed since the item was read, for that has written them.
    /// Says whether it wrote.
    ///
    /// # Errors
    /// [`Error::Internal`] when the item holds no such resource.
    pub async fn bring_in_line(&self, key: &ResourceKey, item: &Item) -> Result<bool, Error> {
        let (collection, id) = key;
        let resource = item::to_resource(collection.kind, item.clone())?;
        let right = item::from_resource(&collection.tenant, &resource, self.shards)?;
        let differs = |name: &&str| item.get(*name) != right.get(*name);
        let derived: Vec<_> = item::DERIVED_ATTRIBUTES.iter().chain(&keys::INDEX_KEYS).copied().collect();
        let wrong: Vec<_> = derived.into_iter().filter(differs).collect();
        if wrong.is_empty() {
            return Ok(false);
        }
        let mut expression = Expression::default();
        let update = expression.set(&right, &wrong);
        let condition = expression.version_is(&ExpectedVersion::OneOf(vec![resource.version]));
        match self.update(collection, *id, &expression, update, condition).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(errors::translate(error)),
            },
        }
    }

    fn update(
        &self,
        collection: &Collection,
        id: ResourceId,
        expression: &Expression,
        update: String,
        condition: String,
    ) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, partition_key(collection, id))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }
}

/// The resource that stood in the way of a change, where it is one that the change could have been made to.
fn stored(scope: &Scope, old: Option<Item>, is_there: impl Fn(&Resource) -> bool) -> Result<Resource, Error> {
    let stored = old.map(|item| item::to_resource(scope.kind(), item)).transpose()?;
    let stored = stored.filter(|stored| scope.covers(&stored.created_by) && is_there(stored));
    stored.ok_or(Error::NotFound)
}

/// Whether a resource was last changed by this very request: when an answer is lost, the SDK tries again and meets what
/// the first attempt has written.
fn is_of(stored: &Resource, caller: &Caller, now: Timestamp) -> bool {
    stored.updated_at == now && stored.updated_by == caller.subject
}

fn stale(stored: &Resource) -> Error {
    Error::PreconditionFailed { current: stored.version }
}
