//! Changes in one conditional write, without reading the resource: replace, delete, purge.

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
    /// Replaces the values of a resource, and increments its version, in one write. If the values are equal
    /// to the stored ones, nothing changes. Returns the resource afterwards.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such resource, [`Error::PreconditionFailed`] if it is not at an
    /// expected version, [`Error::TooLarge`] if its item, with room for a deletion, would exceed 400 KB.
    /// [`Error::WriteConflict`] if a transaction is writing the resource. [`Error::Unavailable`] also if a
    /// response was lost and the stored item does not show whether this change was applied.
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
                    // At an expected version, the condition can only have failed because the values are
                    // already stored.
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

    /// Deletes a resource, so that it can be restored until `purge_at`, in one write. Returns the resource
    /// afterwards.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such resource, [`Error::PreconditionFailed`] if it is not at an
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

    /// Purges a resource, deleted or not, in one write. Returns its last version.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such resource, [`Error::PreconditionFailed`] if it is not at an
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
                // The resource exists, so no earlier attempt has removed it.
                Err(stale(&stored.map_err(|refusal| lost.certain(refusal))?))
            }
            _ => Err(lost.certain(errors::translate(error))),
        }
    }

    /// Updates the attributes of an item that depend on the declaration of its kind, if they differ, in one
    /// write that keeps the version. Writes nothing if the resource has changed since the item was read,
    /// because that change has updated them. Returns whether it wrote.
    ///
    /// # Errors
    /// [`Error::Internal`] if the item is not a resource of the kind.
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

/// The resource because of which the condition failed, if it is in the scope and `is_there` accepts it.
fn stored(scope: &Scope, old: Option<Item>, is_there: impl Fn(&Resource) -> bool) -> Result<Resource, Error> {
    let stored = old.map(|item| item::to_resource(scope.kind(), item)).transpose()?;
    let stored = stored.filter(|stored| scope.covers(&stored.created_by) && is_there(stored));
    stored.ok_or(Error::NotFound)
}

/// Whether this request made the last change of a resource: if a response is lost, the SDK retries, and the
/// condition fails because the first attempt was applied.
fn is_of(stored: &Resource, caller: &Caller, now: Timestamp) -> bool {
    stored.updated_at == now && stored.updated_by == caller.subject
}

fn stale(stored: &Resource) -> Error {
    Error::PreconditionFailed { current: stored.version }
}
