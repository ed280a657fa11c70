//! The resources table.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};

use super::expression::Expression;
use super::item::Item;
use super::keys::{self, Shards};
use super::{errors, item};
use crate::Error;
use crate::domain::{Caller, ExpectedVersion, Fields, Resource, ResourceId, Tenant, Timestamp, Values, View};

/// Resources by tenant and id. Every function takes the tenant: there is no way to ask without one.
#[derive(Debug, Clone)]
pub struct ResourceRepository {
    pub(super) client: Client,
    pub(super) table: String,
    pub(super) shards: Shards,
}

impl ResourceRepository {
    /// Resources in a table.
    pub fn new(client: Client, table: impl Into<String>, shards: Shards) -> Self {
        Self { client, table: table.into(), shards }
    }

    /// The resource as it is now: one strongly consistent read.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn find(&self, tenant: &Tenant, id: ResourceId) -> Result<Resource, Error> {
        self.get(tenant, id, Fields::ALL).await.and_then(item::to_resource)
    }

    /// Some fields of the resource as it is now: one strongly consistent read, of these fields only.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn view(&self, tenant: &Tenant, id: ResourceId, fields: Fields) -> Result<View, Error> {
        self.get(tenant, id, fields).await.and_then(|item| item::to_view(item, fields))
    }

    async fn get(&self, tenant: &Tenant, id: ResourceId, fields: Fields) -> Result<Item, Error> {
        let mut expression = Expression::default();
        let projection = expression.projection(&item::attributes(fields));
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, partition_key(tenant, id))
            .consistent_read(true)
            .projection_expression(projection)
            .set_expression_attribute_names(Some(expression.names))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        output.item.ok_or(Error::NotFound)
    }

    /// Stores a new resource.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when its item would pass 400 KB.
    pub async fn create(&self, tenant: &Tenant, resource: Resource) -> Result<(), Error> {
        let output = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_resource(tenant, resource.clone(), self.shards)?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let Err(error) = output else { return Ok(()) };
        match error.as_service_error() {
            // The SDK tries again when an answer is lost, and then meets what the first attempt has written.
            Some(PutItemError::ConditionalCheckFailedException(failure)) => {
                match failure.item.clone().map(item::to_resource).transpose()? {
                    Some(stored) if stored == resource => Ok(()),
                    _ => Err(Error::defect("a new resource's id is taken")),
                }
            }
            _ => Err(errors::translate(error)),
        }
    }

    /// Gives a resource other values, and a new version with them, in one write. Values that are already there
    /// change nothing. Gives the resource as it is afterwards.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such resource, [`Error::PreconditionFailed`] when it is not at an
    /// expected version, [`Error::TooLarge`] when its item would pass 400 KB.
    pub async fn replace(
        &self,
        caller: &Caller,
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
        };
        let item = item::from_resource(&caller.tenant, changed.clone(), self.shards)?;
        let mut expression = Expression::default();
        let update = expression.set_and_count_up(&item, &item::CHANGED_ATTRIBUTES);
        let condition =
            [expression.version_is(expected), expression.any_differs(&item, &item::CLIENT_OWNED_ATTRIBUTES)]
                .join(" AND ");
        let output = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, partition_key(&caller.tenant, id))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match output {
            Ok(output) => output
                .attributes
                .ok_or_else(|| Error::defect("an update gave no item"))
                .and_then(item::to_resource),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                    let written_before = |stored: &Resource| {
                        stored.values == changed.values
                            && stored.updated_at == changed.updated_at
                            && stored.updated_by == changed.updated_by
                    };
                    errors::failed_condition(failure.item.clone(), expected, written_before)
                }
                _ => Err(errors::translate(error)),
            },
        }
    }

    /// Removes a resource.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such resource, [`Error::PreconditionFailed`] when it is not at an
    /// expected version.
    pub async fn delete(
        &self,
        tenant: &Tenant,
        id: ResourceId,
        expected: &ExpectedVersion,
    ) -> Result<(), Error> {
        let mut expression = Expression::default();
        let condition = expression.version_is(expected);
        let output = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, partition_key(tenant, id))
            .condition_expression(condition)
            .set_expression_attribute_names(non_empty(expression.names))
            .set_expression_attribute_values(non_empty(expression.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match output {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(failure)) => {
                    errors::failed_condition(failure.item.clone(), expected, |_| false).map(drop)
                }
                _ => Err(errors::translate(error)),
            },
        }
    }
}

/// DynamoDB refuses an empty map of placeholders.
fn non_empty<V>(placeholders: HashMap<String, V>) -> Option<HashMap<String, V>> {
    (!placeholders.is_empty()).then_some(placeholders)
}

fn partition_key(tenant: &Tenant, id: ResourceId) -> AttributeValue {
    AttributeValue::S(keys::resource(tenant, id))
}
