//! The unique values table: an item for each unique value of a living resource, written in the transaction of
//! the resource.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, ReturnConsumedCapacity, TransactWriteItem};

use super::batch_get_item::BatchGet;
use super::item::Item;
use super::{ResourceRepository, cancellation, errors, item, keys, transaction};
use crate::Error;
use crate::domain::{Collection, Kinds, ResourceId, ResourceKey, UniqueValue, Version};

/// The id of the resource that holds the value.
const RESOURCE_ID: &str = "resource_id";

/// The unique values table.
#[derive(Debug, Clone)]
pub struct UniqueValueRepository {
    client: Client,
    table: String,
}

/// The key of an item of the table, and its resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUniqueValue {
    /// The resource that holds the value.
    pub resource: ResourceKey,
    key: String,
}

impl StoredUniqueValue {
    /// The item of a value that a resource holds.
    pub fn new(resource: ResourceKey, value: &UniqueValue) -> Self {
        let key = keys::unique_value(&resource.0, value);
        Self { resource, key }
    }

    /// The key of an item of the table; `None` if its kind is not declared.
    ///
    /// # Errors
    /// If it is not an item of the unique values table.
    pub fn of_item(item: &Item, kinds: Kinds) -> Result<Option<Self>, Error> {
        let key = item::text(item, keys::PARTITION_KEY)?;
        let id = holder(item)?;
        let stored = |collection| Self { resource: (collection, id), key: key.to_owned() };
        Ok(keys::parse_unique_value(key, kinds).map(stored))
    }

    /// Whether the value is among all unique values of its resource.
    pub fn is_one_of(&self, values: &[UniqueValue]) -> bool {
        values.iter().any(|value| keys::unique_value(&self.resource.0, value) == self.key)
    }
}

impl UniqueValueRepository {
    /// The unique values in a table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The action that moves a value from the resources that release it to the one that claims it, on
    /// condition that no other resource holds it. If no resource claims it, the action deletes the item.
    pub(super) fn pass(
        &self,
        collection: &Collection,
        value: &UniqueValue,
        from: &[ResourceId],
        to: Option<ResourceId>,
    ) -> Result<TransactWriteItem, Error> {
        let key = keys::unique_value(collection, value);
        let holders: Vec<_> = from.iter().copied().chain(to).collect();
        let (condition, values) = is_of(&holders);
        let Some(id) = to else { return self.delete(key, condition, values) };
        let item = [(keys::PARTITION_KEY, key), (RESOURCE_ID, id.to_string())]
            .map(|(name, text)| (name.to_owned(), AttributeValue::S(text)));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item.into()))
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .build();
        Ok(TransactWriteItem::builder().put(put.map_err(Error::defect)?).build())
    }

    /// An action whose condition always fails.
    pub(super) fn never(&self, collection: &Collection) -> Result<TransactWriteItem, Error> {
        let key = AttributeValue::S(keys::no_unique_value(collection));
        let put = Put::builder()
            .table_name(&self.table)
            .item(keys::PARTITION_KEY, key)
            .condition_expression("attribute_exists(pk)")
            .build();
        Ok(TransactWriteItem::builder().put(put.map_err(Error::defect)?).build())
    }

    fn delete(
        &self,
        key: String,
        condition: String,
        values: HashMap<String, AttributeValue>,
    ) -> Result<TransactWriteItem, Error> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, AttributeValue::S(key))
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .build();
        Ok(TransactWriteItem::builder().delete(delete.map_err(Error::defect)?).build())
    }

    /// The resource that holds a value: one strongly consistent read.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn holder(
        &self,
        collection: &Collection,
        value: &UniqueValue,
    ) -> Result<Option<ResourceId>, Error> {
        self.holder_at(keys::unique_value(collection, value)).await
    }

    /// Whether the same resource still holds the value: one strongly consistent read.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn is_stored(&self, stored: &StoredUniqueValue) -> Result<bool, Error> {
        Ok(self.holder_at(stored.key.clone()).await? == Some(stored.resource.1))
    }

    /// The resources that hold some values: strongly consistent reads, at most 100 values a call. Values that
    /// no resource holds are missing.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB has not read all of them by the deadline.
    pub async fn holders(
        &self,
        collection: &Collection,
        values: &[&UniqueValue],
    ) -> Result<HashMap<UniqueValue, ResourceId>, Error> {
        let key = |value: &&UniqueValue| keys::unique_value(collection, value);
        let batch = BatchGet { client: &self.client, table: &self.table };
        let paths = [keys::PARTITION_KEY, RESOURCE_ID].map(str::to_owned);
        let read = batch.read(values.iter().map(key), &paths, f64::INFINITY).await?;
        let held = |item: Item| Ok((item::text(&item, keys::PARTITION_KEY)?.to_owned(), holder(&item)?));
        let held: HashMap<_, _> = read.items.into_iter().map(held).collect::<Result<_, Error>>()?;
        let holder = |value: &&UniqueValue| Some(((*value).clone(), *held.get(&key(value))?));
        Ok(values.iter().filter_map(holder).collect())
    }

    async fn holder_at(&self, key: String) -> Result<Option<ResourceId>, Error> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, AttributeValue::S(key))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        output.item.as_ref().map(holder).transpose()
    }

    /// Claims a value for a resource, on condition that the resource is at a version and no other one holds
    /// the value.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] if the condition fails.
    pub async fn take_at(
        &self,
        resources: &ResourceRepository,
        (collection, id): &ResourceKey,
        version: Version,
        value: &UniqueValue,
    ) -> Result<(), Error> {
        let check = resources.check(collection, *id, Some(version))?;
        let take = self.pass(collection, value, &[], Some(*id))?;
        transaction::send(&self.client, vec![check, take]).await.map_err(cancellation::failure)
    }

    /// Deletes a value that its resource does not have, on condition that the resource is at `version`, or
    /// with `None` does not exist.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] if the condition fails, or another resource holds the value.
    pub async fn remove_at(
        &self,
        resources: &ResourceRepository,
        stored: &StoredUniqueValue,
        version: Option<Version>,
    ) -> Result<(), Error> {
        let (collection, id) = &stored.resource;
        let (condition, values) = is_of(&[*id]);
        let delete = self.delete(stored.key.clone(), condition, values)?;
        let check = resources.check(collection, *id, version)?;
        transaction::send(&self.client, vec![check, delete]).await.map_err(cancellation::failure)
    }
}

/// The condition that no resource, or one of these, holds a value.
fn is_of(holders: &[ResourceId]) -> (String, HashMap<String, AttributeValue>) {
    let operand = |number: usize| format!(":holder{number}");
    let operands: Vec<_> = (0..holders.len()).map(operand).collect();
    let condition = format!("attribute_not_exists(pk) OR {RESOURCE_ID} IN ({})", operands.join(", "));
    let values = holders.iter().map(|id| AttributeValue::S(id.to_string()));
    (condition, operands.into_iter().zip(values).collect())
}

fn holder(item: &Item) -> Result<ResourceId, Error> {
    let id = ResourceId::parse(item::text(item, RESOURCE_ID)?);
    id.ok_or_else(|| Error::defect("an item is no unique value of a resource"))
}
