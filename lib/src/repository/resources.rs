//! The resources table: reads one resource, and stores one in place of the version that was read.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure};

use super::expression::Expression;
use super::item::Item;
use super::keys;
use super::lost_responses::LostResponses;
use super::{errors, item, projection};
use crate::Error;
use crate::domain::{
    Announcement, Collection, ExpectedVersion, Fields, Resource, ResourceId, Scope, Shards, ShownStatus,
    Tenant, View,
};

/// The resources table. Every function takes the tenant and the kind, and those that serve a caller take its
/// scope, so that no call can omit them.
#[derive(Debug, Clone)]
pub struct ResourceRepository {
    pub(super) client: Client,
    pub(super) table: String,
    pub(super) shards: Shards,
}

impl ResourceRepository {
    /// The resources in a table.
    pub fn new(client: Client, table: impl Into<String>, shards: Shards) -> Self {
        Self { client, table: table.into(), shards }
    }

    /// Reads a resource, deleted or not, with one strongly consistent read.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none in the scope.
    pub async fn find(&self, scope: &Scope, id: ResourceId) -> Result<Resource, Error> {
        let kind = scope.kind();
        let paths = projection::paths(kind, kind.all_fields());
        let resource = item::to_resource(kind, self.get(&scope.collection, id, &paths).await?)?;
        if scope.covers(&resource.created_by) { Ok(resource) } else { Err(Error::NotFound) }
    }

    /// Reads some fields of a resource that is not deleted, with one strongly consistent read of these fields
    /// only.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none in the scope.
    pub async fn view(&self, scope: &Scope, id: ResourceId, fields: Fields) -> Result<View, Error> {
        let read = scope.fields_to_read(fields);
        let item = self.get(&scope.collection, id, &projection::paths(scope.kind(), read)).await?;
        let view = item::to_view(scope.kind(), item, read)?;
        let shown = view.shown_status() != ShownStatus::Deleted && view.is_in(scope);
        if shown { Ok(view.select(fields)) } else { Err(Error::NotFound) }
    }

    async fn get(&self, collection: &Collection, id: ResourceId, paths: &[String]) -> Result<Item, Error> {
        let mut expression = Expression::default();
        let projection = expression.projection(paths);
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, partition_key(collection, id))
            .consistent_read(true)
            .projection_expression(projection)
            .set_expression_attribute_names(expression.names())
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        output.item.ok_or(Error::NotFound)
    }

    /// Stores a new resource, or a new version in place of the version before.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] if the resource is at another version, or a transaction is writing it.
    /// [`Error::Unavailable`] also if a response was lost and the stored item does not show whether this
    /// change was applied. [`Error::TooLarge`] if its item, with room for a deletion, would exceed 400 KB.
    pub async fn store(&self, tenant: &Tenant, resource: &Resource) -> Result<(), Error> {
        let lost = LostResponses::default();
        let put = self.put(item::to_store(tenant, resource, self.shards)?, replaces(resource));
        let output = put.customize().interceptor(lost.clone()).send().await;
        let Err(error) = output else { return Ok(()) };
        let stored = |item: Item| item::to_resource(resource.values.kind(), item);
        match error.as_service_error() {
            // If a response is lost, the SDK retries, and the condition fails because the first attempt was
            // applied.
            Some(PutItemError::ConditionalCheckFailedException(failure)) => {
                match failure.item.clone().map(stored).transpose()? {
                    // An earlier attempt created it: no other request has this id.
                    Some(_) if resource.version == 1 && lost.any() => Ok(()),
                    Some(stored) if stored == *resource => Ok(()),
                    _ => Err(lost.certain(Error::WriteConflict)),
                }
            }
            _ => Err(lost.certain(errors::translate(error))),
        }
    }

    /// Stores an imported record as a new resource, with its own version.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] if a resource with its id exists. [`Error::Unavailable`] also if a response
    /// was lost; it may then be stored. [`Error::TooLarge`] if its item, with room for a deletion, would
    /// exceed 400 KB.
    pub async fn import(
        &self,
        tenant: &Tenant,
        resource: &Resource,
        announcement: Announcement,
    ) -> Result<(), Error> {
        let lost = LostResponses::default();
        let item = item::to_import(tenant, resource, announcement, self.shards)?;
        let put = self.put(item, is_new());
        let Err(error) = put.customize().interceptor(lost.clone()).send().await else { return Ok(()) };
        Err(lost.certain(match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Error::WriteConflict,
            _ => errors::translate(error),
        }))
    }

    /// Checks the size of an imported record's item.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if, with room for a deletion, it would exceed 400 KB.
    pub fn check_size(&self, tenant: &Tenant, resource: &Resource) -> Result<(), Error> {
        item::to_import(tenant, resource, Announcement::None, self.shards).map(drop)
    }

    /// A conditional put. If the condition fails, the error contains the stored item.
    fn put(&self, item: Item, (condition, expression): (String, Expression)) -> PutItemFluentBuilder {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }
}

/// The condition that no such resource exists.
pub(super) fn is_new() -> (String, Expression) {
    ("attribute_not_exists(pk)".to_owned(), Expression::default())
}

/// The condition that the stored version is the one before `resource`; for a new resource, that none is
/// stored.
pub(super) fn replaces(resource: &Resource) -> (String, Expression) {
    if resource.version == 1 {
        return is_new();
    }
    let mut expression = Expression::default();
    (expression.version_is(&ExpectedVersion::OneOf(vec![resource.version - 1])), expression)
}

pub(super) fn partition_key(collection: &Collection, id: ResourceId) -> AttributeValue {
    AttributeValue::S(keys::resource(collection, id))
}
