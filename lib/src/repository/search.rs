//! The search table: an item for each word of each resource. It contains the resource's search entry, so that
//! candidates are ranked without reading the resources, which may be large.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, Delete, Put, ReturnConsumedCapacity, TransactWriteItem,
};

use super::item::Item;
use super::{ResourceRepository, batch_write, cancellation, errors, item, keys, transaction};
use crate::domain::{
    Kinds, MAX_ACTIONS, ResourceId, ResourceKey, Scope, SearchEntry, Status, Version, Words,
};
use crate::{Error, deadline};

/// The read capacity units after which the candidates of a word are cut short. A query in progress is
/// completed: 1 MB, 128 units.
const READ_BUDGET: f64 = 128.0;
/// The time that is left for reading the results.
const TIME_RESERVE: Duration = Duration::from_secs(2);
/// The words of a resource, as one text.
const WORDS: &str = "words";
/// The status of a resource.
const STATUS: &str = "status";

/// The search table.
#[derive(Debug, Clone)]
pub struct SearchRepository {
    pub(super) client: Client,
    pub(super) table: String,
}

/// Resources that have a word, or had it until recently, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Those with exactly this word, the newest first, then those that only have longer words that begin with
    /// it.
    pub rows: Vec<Candidate>,
    /// Whether there are no further ones.
    pub complete: bool,
}

/// A resource that has a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: ResourceId,
    /// All its words, as one text.
    words: String,
    status: Option<Status>,
}

impl Candidate {
    /// Its search entry, without the owner.
    pub fn entry(&self) -> SearchEntry {
        SearchEntry { words: Words::from_joined(&self.words), status: self.status, owner: None }
    }
}

/// An item of the search table: a word of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word {
    resource: ResourceKey,
    key: String,
    partition: String,
}

/// A write of a word. A put replaces the item; a removal of a missing item has no effect.
#[derive(Debug, Clone)]
pub enum WordChange {
    /// Puts the item. All words of a resource share the entry.
    Put(Word, Arc<SearchEntry>),
    /// Removes the item.
    Removed(Word),
}

impl Word {
    /// The items of a word of a resource: one in the partition of all resources, and with an owner also one
    /// in that of the owner's resources, for callers that see only these.
    pub fn places(resource: &ResourceKey, word: &str, owner: Option<&str>) -> impl Iterator<Item = Self> {
        let (collection, id) = resource;
        let place = |owner| Self {
            resource: resource.clone(),
            key: keys::word(word, *id),
            partition: keys::words(collection, owner, word),
        };
        [None].into_iter().chain(owner.map(Some)).map(place)
    }

    /// Every word of a resource.
    pub fn all(resource: &ResourceKey, entry: &SearchEntry) -> HashSet<Self> {
        // Long words are cut in the key, so several may share one.
        entry.words.iter().flat_map(|word| Self::places(resource, word, entry.owner.as_deref())).collect()
    }

    /// The word of an item of the search table; `None` if its kind is not declared.
    ///
    /// # Errors
    /// If it is not an item of the search table.
    pub fn of_item(item: &Item, kinds: Kinds) -> Result<Option<Self>, Error> {
        let (partition, key) = (item::text(item, keys::PARTITION_KEY)?, item::text(item, keys::SORT_KEY)?);
        let (_, id) = keys::parse_word(key).ok_or_else(not_a_word)?;
        Ok(keys::parse_words(partition, kinds).map(|collection| Self {
            resource: (collection, id),
            key: key.to_owned(),
            partition: partition.to_owned(),
        }))
    }

    /// The resource that it is a word of.
    pub fn resource(&self) -> &ResourceKey {
        &self.resource
    }

    fn key(&self) -> Item {
        [(keys::PARTITION_KEY, &self.partition), (keys::SORT_KEY, &self.key)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.clone())))
            .into()
    }

    fn item(&self, entry: &SearchEntry) -> Item {
        let mut item = self.key();
        let status = entry.status.map(Status::as_str).unwrap_or_default();
        item.insert(WORDS.to_owned(), AttributeValue::S(entry.words.joined()));
        item.insert(STATUS.to_owned(), AttributeValue::S(status.to_owned()));
        item
    }
}

fn not_a_word() -> Error {
    Error::defect("an item is no word of a resource")
}

impl SearchRepository {
    /// The words in a table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// At most `most` resources of a scope with a word that begins with `word`: one Query, eventually
    /// consistent. If resources have many such words, it takes more, until the read budget or the time is
    /// spent.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn candidates(&self, scope: &Scope, word: &str, most: usize) -> Result<Candidates, Error> {
        let Scope { collection, owner } = scope;
        let partition = keys::words(collection, owner.as_deref(), word);
        let beginning = keys::beginning_of_word(word);
        let (mut candidates, mut seen, mut units) = (Vec::new(), HashSet::new(), 0.0);
        let mut read_to = None;
        // One row more than wanted, to find out whether there are others. If the rows belong to few
        // resources, the next calls have no limit, so that they stay few.
        let mut rows = i32::try_from(most + 1).ok();
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :word)")
                .expression_attribute_values(":pk", AttributeValue::S(partition.clone()))
                .expression_attribute_values(":word", AttributeValue::S(beginning.to_owned()))
                .set_exclusive_start_key(read_to)
                .set_limit(rows.take())
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(errors::translate)?;
            for row in output.items() {
                let (_, id) = keys::parse_word(item::text(row, keys::SORT_KEY)?).ok_or_else(not_a_word)?;
                if seen.len() < most && seen.insert(id) {
                    let words = item::text(row, WORDS)?.to_owned();
                    let status = Status::parse(collection.kind, item::text(row, STATUS)?);
                    candidates.push(Candidate { id, words, status });
                } else if !seen.contains(&id) {
                    return Ok(Candidates { rows: candidates, complete: false });
                }
            }
            units +=
                output.consumed_capacity().and_then(ConsumedCapacity::capacity_units).unwrap_or_default();
            read_to = output.last_evaluated_key;
            let spent = units >= READ_BUDGET || deadline::time_left() < TIME_RESERVE;
            if read_to.is_none() || spent {
                return Ok(Candidates { rows: candidates, complete: read_to.is_none() });
            }
        }
    }

    /// Puts words and removes others, all of them different. Repeating it has no effect.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if not all are written by the deadline.
    pub async fn write(&self, changes: &[WordChange]) -> Result<(), Error> {
        let request = |change: &WordChange| match change {
            WordChange::Put(word, entry) => batch_write::put(word.item(entry)),
            WordChange::Removed(word) => batch_write::delete(word.key()),
        };
        batch_write::write_all(&self.client, &self.table, changes, request).await
    }

    /// The same in transactions, each on condition that the resource is at a version, or with `None` does not
    /// exist.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] if the condition fails. Some may have been written.
    pub async fn write_at(
        &self,
        resources: &ResourceRepository,
        resource: &ResourceKey,
        version: Option<Version>,
        changes: &[WordChange],
    ) -> Result<(), Error> {
        for chunk in changes.chunks(MAX_ACTIONS - 1) {
            let mut items = vec![resources.check(&resource.0, resource.1, version)?];
            for change in chunk {
                items.push(self.action(change)?);
            }
            transaction::send(&self.client, items).await.map_err(cancellation::failure)?;
        }
        Ok(())
    }

    fn action(&self, change: &WordChange) -> Result<TransactWriteItem, Error> {
        let action = TransactWriteItem::builder();
        Ok(match change {
            WordChange::Put(word, entry) => {
                let put = Put::builder().table_name(&self.table).set_item(Some(word.item(entry)));
                action.put(put.build().map_err(Error::defect)?).build()
            }
            WordChange::Removed(word) => {
                let delete = Delete::builder().table_name(&self.table).set_key(Some(word.key()));
                action.delete(delete.build().map_err(Error::defect)?).build()
            }
        })
    }
}
