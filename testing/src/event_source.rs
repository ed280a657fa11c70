//! Invokes a function with the records of a table's stream, like an event source mapping of AWS Lambda: in
//! batches, in order within each shard, and with a limited number of retries.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use anyhow::{Context as _, Result};
use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use serde_json::{Value, json};

use super::dead_letter::Origin;
use super::{DeadLetter, local_config, stream_record};

/// The settings of the event source mapping, as in the template.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    /// The function to invoke.
    pub function: &'static str,
    /// The most records of a batch.
    pub batch_size: usize,
    /// The most retries of a batch.
    pub retries: usize,
    /// The wait before each retry.
    pub wait: Duration,
}

/// A record to be delivered, in the JSON form of events.
#[derive(Debug, Clone)]
struct Pending {
    sequence_number: String,
    json: Value,
}

/// A stream, and the position in it.
#[derive(Debug)]
pub struct EventSource {
    client: Client,
    stream: String,
    delivery: Delivery,
    /// The sequence number of the last processed record of each shard.
    done: HashMap<String, String>,
    /// The known shards, each after its parent. Empty before the stream is described.
    shards: Vec<String>,
    iterators: HashMap<String, Option<String>>,
}

impl EventSource {
    /// The stream of a table of the DynamoDB at a URL, from its oldest record, or from after the processed
    /// ones of each shard.
    ///
    /// # Errors
    /// If the table has no stream.
    pub async fn of(
        endpoint: &str,
        table: &str,
        delivery: Delivery,
        done: HashMap<String, String>,
    ) -> Result<Self> {
        let client = Client::new(&local_config(endpoint));
        let stream = stream_of(&client, table).await?.context("the table has no stream")?;
        Ok(Self { client, stream, delivery, done, shards: Vec::new(), iterators: HashMap::new() })
    }

    /// The position in each shard, from which the next source continues.
    pub fn done(&self) -> &HashMap<String, String> {
        &self.done
    }

    /// Delivers all present records to a function, and returns their number. `invoke` takes the event and
    /// returns the function's response, or `None` if the function failed. Discarded batches go to `give_up`,
    /// as Lambda writes them.
    ///
    /// # Errors
    /// If the stream cannot be read, or a discarded batch cannot be stored. That batch is then delivered
    /// again.
    pub async fn deliver(
        &mut self,
        invoke: impl AsyncFn(&Value) -> Option<Value>,
        mut give_up: impl AsyncFnMut(&DeadLetter) -> Result<()>,
    ) -> Result<usize> {
        let mut delivered = 0;
        loop {
            let mut read = 0;
            if self.shards.is_empty() {
                self.shards = self.describe().await?;
            }
            for shard in self.shards.clone() {
                let records = self.read(&shard).await?;
                read += records.len();
                for batch in records.chunks(self.delivery.batch_size) {
                    if let Err(error) = self.give(&shard, batch, &invoke, &mut give_up).await {
                        // The next delivery continues after the last processed record.
                        self.iterators.clear();
                        return Err(error);
                    }
                    if let Some(last) = batch.last() {
                        self.done.insert(shard.clone(), last.sequence_number.clone());
                    }
                }
            }
            delivered += read;
            if read == 0 && !self.shards.is_empty() {
                return Ok(delivered);
            }
        }
    }

    /// The shards, each after its parent.
    async fn describe(&self) -> Result<Vec<String>> {
        let mut shards = Vec::new();
        let mut read_to = None;
        loop {
            let page = self
                .client
                .describe_stream()
                .stream_arn(&self.stream)
                .set_exclusive_start_shard_id(read_to)
                .send()
                .await?
                .stream_description
                .context("the stream has no description")?;
            shards.extend(page.shards.unwrap_or_default());
            read_to = page.last_evaluated_shard_id;
            if read_to.is_none() {
                break;
            }
        }
        let known: HashSet<_> = shards.iter().filter_map(|shard| shard.shard_id.clone()).collect();
        let (mut ordered, mut seen) = (Vec::new(), HashSet::new());
        let mut waiting = VecDeque::from(shards);
        while let Some(shard) = waiting.pop_front() {
            let Some(id) = shard.shard_id.clone() else { continue };
            match &shard.parent_shard_id {
                Some(parent) if known.contains(parent) && !seen.contains(parent) => waiting.push_back(shard),
                _ => {
                    seen.insert(id.clone());
                    ordered.push(id);
                }
            }
        }
        Ok(ordered)
    }

    /// The next records of a shard; empty at its end.
    async fn read(&mut self, shard: &str) -> Result<Vec<Pending>> {
        let iterator = match self.iterators.get(shard) {
            Some(Some(iterator)) => iterator.clone(),
            Some(None) => return Ok(Vec::new()),
            None => {
                let behind = self.done.get(shard);
                let kind = match behind {
                    Some(_) => ShardIteratorType::AfterSequenceNumber,
                    None => ShardIteratorType::TrimHorizon,
                };
                let iterator = self.client.get_shard_iterator().stream_arn(&self.stream).shard_id(shard);
                let iterator = iterator.shard_iterator_type(kind).set_sequence_number(behind.cloned());
                iterator.send().await?.shard_iterator.context("a shard has no iterator")?
            }
        };
        let output = self.client.get_records().shard_iterator(iterator).send().await?;
        if output.next_shard_iterator.is_none() {
            // The shard has ended, and others have replaced it.
            self.shards.clear();
        }
        self.iterators.insert(shard.to_owned(), output.next_shard_iterator);
        output.records.unwrap_or_default().iter().map(pending).collect()
    }

    /// Delivers a batch until it is processed or discarded. After a failed invocation the batch is split in
    /// two. After a partial response, the rest begins with the first failed record. A rest or a single record
    /// that is delivered again counts as a retry.
    async fn give(
        &self,
        shard: &str,
        batch: &[Pending],
        invoke: &impl AsyncFn(&Value) -> Option<Value>,
        give_up: &mut impl AsyncFnMut(&DeadLetter) -> Result<()>,
    ) -> Result<()> {
        let mut waiting = VecDeque::from([(batch, 0)]);
        while let Some((batch, retries)) = waiting.pop_front() {
            let records: Vec<_> = batch.iter().map(|record| &record.json).collect();
            let answer = invoke(&json!({ "Records": records })).await;
            let failed = answer.is_none();
            let rest = match answer {
                None if batch.len() > 1 => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    waiting.push_front((second, retries));
                    waiting.push_front((first, retries));
                    continue;
                }
                None => batch,
                Some(answer) => batch.get(first_failure(&answer, batch)..).unwrap_or_default(),
            };
            if rest.is_empty() {
                continue;
            }
            if retries == self.delivery.retries {
                let origin = Origin { function: self.delivery.function, stream: &self.stream, shard };
                let records: Vec<_> = rest.iter().map(|record| &record.json).collect();
                give_up(&DeadLetter::of(origin, &records, retries + 1, failed)?).await?;
                continue;
            }
            waiting.push_front((rest, retries + 1));
            tokio::time::sleep(self.delivery.wait).await;
        }
        Ok(())
    }
}

/// The ARN of a table's stream. It does not use `DescribeTable`, for which the embedded DynamoDB counts all
/// items.
pub(super) async fn stream_of(client: &Client, table: &str) -> Result<Option<String>> {
    let streams = client.list_streams().table_name(table).send().await?.streams.unwrap_or_default();
    let latest = streams.into_iter().max_by(|one, other| one.stream_label.cmp(&other.stream_label));
    Ok(latest.and_then(|stream| stream.stream_arn))
}

/// The position of the first record that a response reports as failed; the length of the batch if there is
/// none. An identifier that is not in the batch fails all of it, as on Lambda.
fn first_failure(answer: &Value, batch: &[Pending]) -> usize {
    let failures = answer["batchItemFailures"].as_array().map(Vec::as_slice).unwrap_or_default();
    let position = |failure: &Value| {
        batch
            .iter()
            .position(|record| failure["itemIdentifier"] == record.sequence_number.as_str())
            .unwrap_or(0)
    };
    failures.iter().map(position).min().unwrap_or(batch.len())
}

fn pending(record: &Record) -> Result<Pending> {
    let sequence_number = record.dynamodb().and_then(|record| record.sequence_number());
    let sequence_number = sequence_number.context("a record has no sequence number")?.to_owned();
    Ok(Pending { sequence_number, json: stream_record::to_json(record)? })
}
