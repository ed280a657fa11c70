//! Dead letters: the batches that Lambda discarded after their last attempt. The event source mapping writes
//! them to the bucket that is its on-failure destination.

use aws_lambda_events::event::dynamodb::EventRecord;
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use super::function::change;
use crate::Error;
use crate::domain::{ChangeEvent, Kinds, Timestamp};

/// A discarded batch: Lambda's invocation record, with the records of the stream in its `payload`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// The invocation record without its payload.
    about: Map<String, Value>,
    records: Vec<Value>,
}

/// The reason why an object is not a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDeadLetter {
    /// It is not a JSON object.
    #[error("it is not a JSON object")]
    NoObject,
    /// A member of Lambda's invocation record is missing. This is its JSON Pointer.
    #[error("it is no invocation record of Lambda for a DynamoDB stream: {0} is missing")]
    Missing(&'static str),
    /// It has no records: destinations other than S3 receive only their position in the stream.
    #[error("it has no payload with the records of a stream")]
    NoRecords,
}

/// Members that every invocation record has.
const FUNCTION: &str = "/requestContext/functionArn";
const CONDITION: &str = "/requestContext/condition";
const SHARD: &str = "/DDBStreamBatchInfo/shardId";
const TIME: &str = "/timestamp";

impl DeadLetter {
    /// Parses an object of the bucket.
    ///
    /// # Errors
    /// If it is not a dead letter.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoDeadLetter> {
        let Ok(Value::Object(mut about)) = serde_json::from_slice(bytes) else {
            return Err(NoDeadLetter::NoObject);
        };
        // Lambda documents the payload as a text; an object is accepted, too.
        let payload = match about.remove("payload") {
            Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or_default(),
            payload => payload.unwrap_or_default(),
        };
        let about = Value::Object(about);
        for member in [FUNCTION, CONDITION, SHARD, TIME] {
            if about.pointer(member).and_then(Value::as_str).is_none() {
                return Err(NoDeadLetter::Missing(member));
            }
        }
        let records = payload.get("Records").and_then(Value::as_array);
        let records = records.filter(|records| records.iter().all(|it| sequence_number(it).is_some()));
        match (about, records) {
            (Value::Object(about), Some(records)) if !records.is_empty() => {
                Ok(Self { about, records: records.clone() })
            }
            _ => Err(NoDeadLetter::NoRecords),
        }
    }

    /// The ARN of the function that failed.
    pub fn function_arn(&self) -> &str {
        self.text(["requestContext", "functionArn"])
    }

    /// The reason as Lambda names it: `RetryAttemptsExhausted`.
    pub fn condition(&self) -> &str {
        self.text(["requestContext", "condition"])
    }

    /// The shard of the stream that it came from.
    pub fn shard(&self) -> &str {
        self.text(["DDBStreamBatchInfo", "shardId"])
    }

    /// The name of the table, from the ARN of the stream:
    /// `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`.
    pub fn table(&self) -> &str {
        self.text(["DDBStreamBatchInfo", "streamArn"]).split('/').nth(1).unwrap_or_default()
    }

    /// The time at which Lambda discarded it, as an RFC 3339 time.
    pub fn given_up_at(&self) -> &str {
        self.about.get("timestamp").and_then(Value::as_str).unwrap_or_default()
    }

    fn text(&self, [object, member]: [&str; 2]) -> &str {
        let object = self.about.get(object);
        object.and_then(|object| object.get(member)).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its records, in the JSON form of events.
    pub fn records(&self) -> &[Value] {
        &self.records
    }

    /// The time of its oldest change according to the stream, in whole seconds.
    pub fn oldest_change_at(&self) -> Option<Timestamp> {
        let seconds = |record: &Value| record.pointer("/dynamodb/ApproximateCreationDateTime")?.as_f64();
        let oldest = self.records.iter().filter_map(seconds).reduce(f64::min)?;
        let whole: u64 = format!("{oldest:.0}").parse().ok()?;
        Some(Timestamp::from_epoch(whole, 0))
    }

    /// The event with which a function processes its records again.
    pub fn event(&self) -> Value {
        json!({ "Records": self.records })
    }

    /// The change of each record; `None` if its kind is not declared.
    ///
    /// # Errors
    /// For a record that cannot be read.
    pub fn changes(&self, kinds: Kinds) -> Vec<Result<Option<ChangeEvent>, Error>> {
        let read = |record| change(EventRecord::deserialize(record).map_err(Error::defect)?, kinds);
        self.records.iter().map(read).collect()
    }

    /// The remaining dead letter after a function has responded to its event, with the records that the
    /// response reports as failed; `None` if there are none. Functions on a stream process all other records
    /// of a batch (`StreamFunction::respond`). An identifier that no record has keeps all of them, because it
    /// fails the whole batch on Lambda.
    #[must_use]
    pub fn left_by(mut self, answer: &Value) -> Option<Self> {
        let failures = answer.get("batchItemFailures").and_then(Value::as_array)?;
        let failed: Vec<_> = failures.iter().map(|failure| failure.get("itemIdentifier")).collect();
        let fails = |record: &Value| failed.contains(&sequence_number(record));
        let known = |failure: Option<&Value>| self.records.iter().any(|it| sequence_number(it) == failure);
        if failed.iter().copied().all(known) {
            self.records.retain(fails);
        }
        (!self.records.is_empty()).then_some(self)
    }

    /// The object in the bucket.
    pub fn to_json(&self) -> Value {
        let mut whole = self.about.clone();
        if let Some(Value::Object(batch)) = whole.get_mut("DDBStreamBatchInfo") {
            let number =
                |record: Option<&Value>| record.and_then(sequence_number).cloned().unwrap_or_default();
            batch.insert("startSequenceNumber".to_owned(), number(self.records.first()));
            batch.insert("endSequenceNumber".to_owned(), number(self.records.last()));
            batch.insert("batchSize".to_owned(), self.records.len().into());
        }
        whole.insert("payload".to_owned(), self.event().to_string().into());
        Value::Object(whole)
    }
}

/// The sequence number of a record, which identifies it in a response.
fn sequence_number(record: &Value) -> Option<&Value> {
    record.pointer("/dynamodb/SequenceNumber").filter(|number| number.is_string())
}

#[cfg(test)]
mod tests;
