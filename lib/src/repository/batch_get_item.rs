//! `BatchGetItem`: the only function that reads several items by key.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::expression::Expression;
use super::item::Item;
use super::{errors, item, keys};
use crate::Error;
use crate::retry::Backoff;

/// DynamoDB's limit for the keys of a call.
const MAX_KEYS: usize = 100;
/// The most concurrent calls.
const CONCURRENCY: usize = 10;
/// The bytes that one read capacity unit of a strongly consistent read covers.
const BYTES_OF_A_UNIT: f64 = 4096.0;

/// A table to read items from by their partition keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchGet<'a> {
    pub(super) client: &'a Client,
    pub(super) table: &'a str,
}

/// The result of a read.
#[derive(Debug, Default)]
pub(super) struct BatchRead {
    pub(super) items: Vec<Item>,
    /// The keys that DynamoDB left unprocessed.
    pub(super) unprocessed: HashSet<String>,
}

/// How many more items make `bytes`, if `read` items at any positions had `read_bytes`, and the first
/// `read_first` of the keys have been read without a gap. At least one if the first item has not been read.
fn missing(bytes: f64, read_bytes: f64, read: usize, read_first: usize) -> usize {
    let count = |number: usize| u32::try_from(number).map_or(f64::INFINITY, f64::from);
    let each = (read_bytes / count(read.max(1))).max(1.0);
    let missing = (bytes / each).ceil() - count(read_first);
    if read_first == 0 && missing < 1.0 {
        return 1;
    }
    // A call has at most 100 keys.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    let missing = missing.clamp(0.0, 100.0) as usize;
    missing
}

impl BatchGet<'_> {
    /// Reads the items of some keys, each once.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB has not read all of them by the deadline.
    pub(super) async fn read(
        &self,
        keys: impl IntoIterator<Item = String>,
        paths: &[String],
        bytes: f64,
    ) -> Result<BatchRead, Error> {
        let mut seen = HashSet::new();
        let unique: Vec<_> = keys.into_iter().filter(|key| seen.insert(key.clone())).collect();
        let chunks: Vec<Vec<_>> = unique.chunks(MAX_KEYS).map(<[_]>::to_vec).collect();
        let calls = chunks.into_iter().map(|keys| self.read_chunk(keys, paths, bytes));
        let chunks: Vec<BatchRead> = stream::iter(calls).buffered(CONCURRENCY).try_collect().await?;
        let mut all = BatchRead::default();
        for chunk in chunks {
            all.items.extend(chunk.items);
            all.unprocessed.extend(chunk.unprocessed);
        }
        Ok(all)
    }

    /// Reads the items of at most 100 keys. DynamoDB may leave any keys unprocessed. These are requested
    /// again in order, but only as many as are likely to make `bytes` together with what has been read.
    async fn read_chunk(&self, keys: Vec<String>, paths: &[String], bytes: f64) -> Result<BatchRead, Error> {
        let mut asked: HashSet<String> = keys.iter().cloned().collect();
        let mut pending = asked.clone();
        let mut items = Vec::new();
        let mut read_bytes = 0.0;
        let mut waits = Backoff::until_the_deadline();
        loop {
            let (found, unprocessed, units) = self.call(asked.iter(), paths).await?;
            items.extend(found);
            read_bytes += units * BYTES_OF_A_UNIT;
            pending.retain(|key| unprocessed.contains(key) || !asked.contains(key));
            let read = keys.len() - pending.len();
            let read_first = keys.iter().take_while(|key| !pending.contains(*key)).count();
            let missing = missing(bytes, read_bytes, read, read_first);
            if pending.is_empty() || missing == 0 {
                return Ok(BatchRead { items, unprocessed: pending });
            }
            asked = keys.iter().filter(|key| pending.contains(*key)).take(missing).cloned().collect();
            let Some(wait) = waits.next() else {
                return Err(Error::Unavailable(
                    "DynamoDB has left keys unprocessed until the deadline".into(),
                ));
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// One call: the items, the unprocessed keys, and the consumed read capacity units.
    async fn call(
        &self,
        keys: impl Iterator<Item = &String>,
        paths: &[String],
    ) -> Result<(Vec<Item>, HashSet<String>, f64), Error> {
        let mut expression = Expression::default();
        let projection = expression.projection(paths);
        let key =
            |key: &String| HashMap::from([(keys::PARTITION_KEY.to_owned(), AttributeValue::S(key.clone()))]);
        let request = KeysAndAttributes::builder()
            .set_keys(Some(keys.map(key).collect()))
            .projection_expression(projection)
            .set_expression_attribute_names(expression.names())
            .consistent_read(true)
            .build()
            .map_err(Error::defect)?;
        let mut output = self
            .client
            .batch_get_item()
            .request_items(self.table, request)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        let units = output.consumed_capacity().iter().filter_map(|table| table.capacity_units).sum();
        let items =
            output.responses.as_mut().and_then(|tables| tables.remove(self.table)).unwrap_or_default();
        let unprocessed = output.unprocessed_keys.as_mut().and_then(|tables| tables.remove(self.table));
        let unprocessed = unprocessed.map(|keys| keys.keys).unwrap_or_default();
        let unprocessed =
            unprocessed.iter().map(|key| item::text(key, keys::PARTITION_KEY).map(str::to_owned));
        Ok((items, unprocessed.collect::<Result<_, _>>()?, units))
    }
}
