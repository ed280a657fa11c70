//! The search table: an item for each word of each resource's name, and nothing in it but its key.

use std::collections::HashSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, ReturnConsumedCapacity, TransactWriteItem};

use super::item::Item;
use super::{ResourceRepository, batch_write, errors, item, keys, transaction};
use crate::Error;
use crate::domain::{ResourceId, ResourceKey, Tenant, Version};

/// DynamoDB's limit for the actions of a transaction.
const MAX_ACTIONS: usize = 100;

/// The words of names, by tenant.
#[derive(Debug, Clone)]
pub struct SearchRepository {
    pub(super) client: Client,
    pub(super) table: String,
}

/// Resources that have a word, or had it a moment ago; each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Those that have the word whole, the newest first.
    pub whole: Vec<ResourceId>,
    /// Those that have only longer words that begin with it.
    pub longer: Vec<ResourceId>,
    /// Whether there are no others.
    pub complete: bool,
}

/// A word of a resource's name, as it stands in the search table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word {
    tenant: Tenant,
    id: ResourceId,
    key: String,
    partition: String,
}

impl Candidates {
    /// All of them.
    pub fn ids(&self) -> impl Iterator<Item = ResourceId> {
        self.whole.iter().chain(&self.longer).copied()
    }
}

impl Word {
    /// A word of the name of a tenant's resource.
    pub fn new(tenant: &Tenant, id: ResourceId, word: &str) -> Self {
        Self { tenant: tenant.clone(), id, key: keys::word(word, id), partition: keys::words(tenant, word) }
    }

    /// Whose resource it is, and which.
    pub fn resource(&self) -> ResourceKey {
        (self.tenant.clone(), self.id)
    }

    pub(super) fn item(&self) -> Item {
        [(keys::PARTITION_KEY, &self.partition), (keys::SORT_KEY, &self.key)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.clone())))
            .into()
    }
}

impl TryFrom<Item> for Word {
    type Error = Error;

    /// # Errors
    /// When it is no item of the search table.
    fn try_from(item: Item) -> Result<Self, Error> {
        let (partition, key) = (item::text(&item, keys::PARTITION_KEY)?, item::text(&item, keys::SORT_KEY)?);
        let resource = keys::parse_words(partition).zip(keys::parse_word(key));
        let (tenant, (_, id)) = resource.ok_or_else(|| Error::defect("an item is no word of a resource"))?;
        Ok(Self { tenant, id, key: key.to_owned(), partition: partition.to_owned() })
    }
}

impl SearchRepository {
    /// Words in a table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The resources with a word that begins with `word`, but no more than `most`: one Query, eventually consistent. It takes
    /// more where resources have many such words.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn candidates(&self, tenant: &Tenant, word: &str, most: usize) -> Result<Candidates, Error> {
        let beginning = keys::beginning_of_word(word);
        let (mut whole, mut longer, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        let mut read_to = None;
        // One more than are wanted, to tell whether there are others. Where these are rows of few resources, all that DynamoDB
        // gives at once, so that the calls stay few.
        let mut rows = i32::try_from(most + 1).ok();
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :word)")
                .expression_attribute_values(":pk", AttributeValue::S(keys::words(tenant, word)))
                .expression_attribute_values(":word", AttributeValue::S(beginning.to_owned()))
                .projection_expression(keys::SORT_KEY)
                .set_exclusive_start_key(read_to)
                .set_limit(rows.take())
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(errors::translate)?;
            for row in output.items() {
                let row = keys::parse_word(item::text(row, keys::SORT_KEY)?);
                let (word, id) = row.ok_or_else(|| Error::defect("an item is no word of a resource"))?;
                if seen.len() < most && seen.insert(id) {
                    if word == beginning { whole.push(id) } else { longer.push(id) }
                } else if !seen.contains(&id) {
                    return Ok(Candidates { whole, longer, complete: false });
                }
            }
            read_to = output.last_evaluated_key;
            if read_to.is_none() {
                return Ok(Candidates { whole, longer, complete: true });
            }
        }
    }

    /// Adds words and removes others, all of them different. What is there already is written again, and what is not is
    /// removed again, with no effect.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when not all is done by the deadline.
    pub async fn write(&self, added: &[Word], removed: &[Word]) -> Result<(), Error> {
        let added = added.iter().map(|word| batch_write::put(word.item()));
        let removed = removed.iter().map(|word| batch_write::delete(word.item()));
        batch_write::write_all(&self.client, &self.table, added.chain(removed).collect::<Result<_, _>>()?)
            .await
    }

    /// The same, while a resource is at a version, or is not there: in transactions with a condition on it.
    ///
    /// # Errors
    /// [`Error::WriteConflict`] when it is at another version by now; some may be written then.
    pub async fn write_at(
        &self,
        resources: &ResourceRepository,
        resource_key: &ResourceKey,
        version: Option<Version>,
        added: &[Word],
        removed: &[Word],
    ) -> Result<(), Error> {
        let write = |word: &Word, is_new: bool| {
            let action = TransactWriteItem::builder();
            let action = if is_new {
                let put = Put::builder().table_name(&self.table).set_item(Some(word.item()));
                action.put(put.build().map_err(Error::defect)?)
            } else {
                let delete = Delete::builder().table_name(&self.table).set_key(Some(word.item()));
                action.delete(delete.build().map_err(Error::defect)?)
            };
            Ok(action.build())
        };
        let writes = added.iter().map(|word| write(word, true));
        let writes: Vec<_> =
            writes.chain(removed.iter().map(|word| write(word, false))).collect::<Result<_, Error>>()?;
        for chunk in writes.chunks(MAX_ACTIONS - 1) {
            let check = resources.check(&resource_key.0, resource_key.1, version)?;
            let items = [&[check], chunk].concat();
            transaction::send(&self.client, items).await.map_err(transaction::failure)?;
        }
        Ok(())
    }
}
