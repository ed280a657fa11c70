//! The resources table.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use futures_util::future::try_join_all;

use super::expression::{Expression, projection};
use super::keys::{self, Shards};
use super::{errors, item};
use crate::Error;
use crate::domain::{
    Caller, ExpectedVersion, Resource, ResourceId, Status, Summary, Tenant, Timestamp, Values,
};

/// Resources by tenant and id. Every function takes the tenant: there is no way to ask without one.
#[derive(Debug, Clone)]
pub struct ResourceRepository {
    client: Client,
    table: String,
    shards: Shards,
}

impl ResourceRepository {
    /// Resources in a table.
    pub fn new(client: Client, table: impl Into<String>, shards: Shards) -> Self {
        Self { client, table: table.into(), shards }
    }

    /// The resource as it is now: one consistent read.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn find(&self, tenant: &Tenant, id: ResourceId) -> Result<Resource, Error> {
        let (projection, names) = projection(&item::RESOURCE_ATTRIBUTES);
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, partition_key(tenant, id))
            .consistent_read(true)
            .projection_expression(projection)
            .set_expression_attribute_names(Some(names))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        output.item.map_or(Err(Error::NotFound), item::to_resource)
    }

    /// Up to `limit` resources of some statuses, newest first, that were created before the resource `before`; and
    /// whether there are more. One query for each partition, all at once.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn list(
        &self,
        tenant: &Tenant,
        statuses: &[Status],
        before: Option<ResourceId>,
        limit: usize,
    ) -> Result<(Vec<Summary>, bool), Error> {
        let partitions = keys::listings(tenant, statuses, self.shards);
        // One row more than the page tells whether there is a next page.
        let queries = partitions.into_iter().map(|listing| self.newest(listing, before, limit + 1));
        let mut rows: Vec<Summary> = try_join_all(queries).await?.into_iter().flatten().collect();
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows, more))
    }

    /// The newest resources of one index partition. The key condition itself starts behind `before`, for ids are
    /// unique and in the index's order.
    async fn newest(
        &self,
        listing: String,
        before: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<Summary>, Error> {
        let (projection, names) = projection(&item::SUMMARY_ATTRIBUTES);
        let (condition, before) = match before {
            Some(id) => ("listing = :listing AND id < :before", Some(AttributeValue::S(id.to_string()))),
            None => ("listing = :listing", None),
        };
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::BY_CREATED)
            .key_condition_expression(condition)
            .expression_attribute_values(":listing", AttributeValue::S(listing))
            .projection_expression(projection)
            .set_expression_attribute_names(Some(names))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some(before) = before {
            query = query.expression_attribute_values(":before", before);
        }
        // A page's rows stay far below the 1 MB at which DynamoDB would cut a query short.
        let output = query.send().await.map_err(errors::translate)?;
        output.items.unwrap_or_default().into_iter().map(item::to_summary).collect()
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
