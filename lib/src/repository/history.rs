//! The history table: an item for each version of each resource.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, Delete, Put, ReturnConsumedCapacity, TransactWriteItem,
};

use super::item::Item;
use super::keys::ParsedKey;
use super::{ResourceRepository, batch_write, cancellation, errors, item, keys, transaction};
use crate::domain::{Collection, HistoryEntry, Kinds, ResourceId, ResourceKey, Tenant, Version};
use crate::{Error, deadline};

/// The read capacity units after which a page is cut short: 5 MB of entries, eventually consistent.
const READ_BUDGET: f64 = 610.0;
/// The time that a page leaves for its response.
const TIME_RESERVE: Duration = Duration::from_secs(1);

/// How many versions are read before they are removed: few enough that an attempt that runs out of time has
/// removed some, and the next attempt continues with the rest.
const REMOVED_AT_ONCE: i32 = 200;

/// The history table.
#[derive(Debug, Clone)]
pub struct HistoryRepository {
    client: Client,
    table: String,
}

/// The key of an item of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// The resource.
    pub resource: ResourceKey,
    /// The version.
    pub version: Version,
}

impl StoredVersion {
    /// The key of an item of the table; `None` if its kind is not declared.
    ///
    /// # Errors
    /// If it is not an item of the history table.
    pub fn of_item(item: &Item, kinds: Kinds) -> Result<Option<Self>, Error> {
        let version = item::version(item)?;
        match keys::parse_resource(item::text(item, keys::PARTITION_KEY)?, kinds) {
            Some(ParsedKey::Resource(resource)) => Ok(Some(Self { resource, version })),
            Some(ParsedKey::UndeclaredKind) => Ok(None),
            None => Err(Error::defect("an item is no version of a resource")),
        }
    }

    fn key(&self) -> Item {
        let (collection, id) = &self.resource;
        [
            (keys::PARTITION_KEY.to_owned(), AttributeValue::S(keys::resource(collection, *id))),
            (item::VERSION.to_owned(), AttributeValue::N(self.version.to_string())),
        ]
        .into()
    }
}

/// Entries of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries {
    /// The entries, the newest first.
    pub entries: Vec<HistoryEntry>,
    /// Whether there are older ones.
    pub more: bool,
}

impl HistoryRepository {
    /// The versions in a table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The newest versions of a resource, older than `before` if that is set: eventually consistent. Fewer
    /// than `limit` only at the end of the history, or if the read budget or the time is spent.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn entries(
        &self,
        collection: &Collection,
        id: ResourceId,
        before: Option<Version>,
        limit: usize,
    ) -> Result<Entries, Error> {
        let (mut entries, mut units) = (Vec::new(), 0.0);
        // Each query continues before the last version that was read.
        let mut before = before.unwrap_or(Version::MAX);
        loop {
            let wanted = limit + 1 - entries.len();
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND version < :before")
                .expression_attribute_values(":pk", AttributeValue::S(keys::resource(collection, id)))
                .expression_attribute_values(":before", AttributeValue::N(before.to_string()))
                .scan_index_forward(false)
                .limit(i32::try_from(wanted).unwrap_or(i32::MAX))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(errors::translate)?;
            units +=
                output.consumed_capacity().and_then(ConsumedCapacity::capacity_units).unwrap_or_default();
            for item in output.items.unwrap_or_default() {
                before = item::version(&item)?;
                entries.push(item::to_entry(collection.kind, item)?);
            }
            let more = output.last_evaluated_key.is_some();
            if entries.len() > limit {
                entries.truncate(limit);
                return Ok(Entries { entries, more: true });
            }
            let spent = units >= READ_BUDGET || deadline::time_left() < TIME_RESERVE;
            if !more || (spent && !entries.is_empty()) {
                return Ok(Entries { entries, more });
            }
        }
    }

    /// Stores versions, all of them different. Storing a version again has no effect.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if not all are stored by the deadline.
    pub async fn put(&self, entries: &[(Tenant, HistoryEntry)]) -> Result<(), Error> {
        let put =
            |(tenant, entry): &(Tenant, HistoryEntry)| batch_write::put(item::from_entry(tenant, entry)?);
        batch_write::write_all(&self.client, &self.table, entries, put).await
    }

    /// Stores a missing version, on condition that the resource is at this version.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] if the condition fails, or the version is stored already.
    pub async fn add_at(
        &self,
        resources: &ResourceRepository,
        (collection, id): &ResourceKey,
        entry: &HistoryEntry,
    ) -> Result<(), Error> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::from_entry(&collection.tenant, entry)?))
            .condition_expression("attribute_not_exists(pk)");
        let put = TransactWriteItem::builder().put(put.build().map_err(Error::defect)?).build();
        let check = resources.check(collection, *id, Some(entry.resource.version))?;
        transaction::send(&self.client, vec![check, put]).await.map_err(cancellation::failure)
    }

    /// Removes a version, on condition that its resource is at version `now`, or with `None` does not exist.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] if the condition fails.
    pub async fn remove_at(
        &self,
        resources: &ResourceRepository,
        stored: &StoredVersion,
        now: Option<Version>,
    ) -> Result<(), Error> {
        let delete = Delete::builder().table_name(&self.table).set_key(Some(stored.key()));
        let delete = TransactWriteItem::builder().delete(delete.build().map_err(Error::defect)?).build();
        let (collection, id) = &stored.resource;
        let check = resources.check(collection, *id, now)?;
        transaction::send(&self.client, vec![check, delete]).await.map_err(cancellation::failure)
    }

    /// Removes all versions of a resource.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if not all are removed by the deadline. Then it must be repeated.
    pub async fn remove_after(
        &self,
        collection: &Collection,
        id: ResourceId,
        version: Version,
    ) -> Result<(), Error> {
        let mut read_to = None;
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND version > :version")
                .expression_attribute_values(":pk", AttributeValue::S(keys::resource(collection, id)))
                .expression_attribute_values(":version", AttributeValue::N(version.to_string()))
                .projection_expression("pk, version")
                .consistent_read(true)
                .limit(REMOVED_AT_ONCE)
                .set_exclusive_start_key(read_to)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(errors::translate)?;
            let delete = |key: &Item| batch_write::delete(key.clone());
            batch_write::write_all(&self.client, &self.table, output.items(), delete).await?;
            read_to = output.last_evaluated_key;
            if read_to.is_none() {
                return Ok(());
            }
        }
    }
}
