//! Dead letters: the batches that Lambda gave up, as an event source mapping leaves them in the bucket that is its destination
//! for failures.

use aws_lambda_events::event::dynamodb::EventRecord;
use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use super::function::change;
use crate::Error;
use crate::domain::{ChangeEvent, Kinds, Timestamp};

/// A batch that was given up: Lambda's invocation record, with the records of the stream in its `payload`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// The invocation record without its payload.
    about: Map<String, Value>,
    records: Vec<Value>,
}

/// Why an object is no dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDeadLetter {
    /// It is not JSON, or no object.
    #[error("it is no JSON object")]
    NoObject,
    /// A member of Lambda's invocation record is missing; by its JSON Pointer.
    #[error("it is no invocation record of Lambda for a DynamoDB stream: {0} is missing")]
    Missing(&'static str),
    /// The records are not in it: destinations other than S3 get only their place in the stream.
    #[error("it has no payload with the records of a stream")]
    NoRecords,
}

/// Members that every invocation record has.
const FUNCTION: &str = "/requestContext/functionArn";
const CONDITION: &str = "/requestContext/condition";
const SHARD: &str = "/DDBStreamBatchInfo/shardId";
const TIME: &str = "/timestamp";

impl DeadLetter {
    /// Reads an object of the bucket.
    ///
    /// # Errors
    /// When it is no dead letter.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoDeadLetter> {
        let Ok(Value::Object(mut about)) = serde_json::from_slice(bytes) else {
            return Err(NoDeadLetter::NoObject);
        };
        // The event as a text, as Lambda documents it; or as it is.
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

    /// The ARN of the function that gave it up.
    pub fn function_arn(&self) -> &str {
        self.text(["requestContext", "functionArn"])
    }

    /// Why it was given up, in Lambda's words: `RetryAttemptsExhausted`.
    pub fn condition(&self) -> &str {
        self.text(["requestContext", "condition"])
    }

    /// The shard of the stream that it came from.
    pub fn shard(&self) -> &str {
        self.text(["DDBStreamBatchInfo", "shardId"])
    }

    /// The table whose stream it is, by the stream's ARN: `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`.
    pub fn table(&self) -> &str {
        self.text(["DDBStreamBatchInfo", "streamArn"]).split('/').nth(1).unwrap_or_default()
    }

    /// When it was given up, as Lambda says: an RFC 3339 time.
    pub fn given_up_at(&self) -> &str {
        self.about.get("timestamp").and_then(Value::as_str).unwrap_or_default()
    }

    fn text(&self, [object, member]: [&str; 2]) -> &str {
        let object = self.about.get(object);
        object.and_then(|object| object.get(member)).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its records, in the JSON that a function is given.
    pub fn records(&self) -> &[Value] {
        &self.records
    }

    /// When its oldest change was made, as the stream says, to the second.
    pub fn oldest_change_at(&self) -> Option<Timestamp> {
        let seconds = |record: &Value| record.pointer("/dynamodb/ApproximateCreationDateTime")?.as_f64();
        let oldest = self.records.iter().filter_map(seconds).reduce(f64::min)?;
        let whole: u64 = format!("{oldest:.0}").parse().ok()?;
        Some(Timestamp::from_epoch(whole, 0))
    }

    /// The event that gives a function its records again.
    pub fn event(&self) -> Value {
        json!({ "Records": self.records })
    }

    /// What each record tells, of resources of some kinds: `None` for one of a kind that is not declared.
    ///
    /// # Errors
    /// Of a record that cannot be read.
    pub fn changes(&self, kinds: Kinds) -> Vec<Result<Option<ChangeEvent>, Error>> {
        let read = |record| change(EventRecord::deserialize(record).map_err(Error::defect)?, kinds);
        self.records.iter().map(read).collect()
    }

    /// What is left of it after a function has answered its event: the records that the answer reports as failed; `None` where
    /// there are none. Functions on a stream do all others of a batch (`StreamFunction::respond`). An identifier that
    /// is none of a record leaves all, as it fails the whole batch on Lambda.
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

    /// The object that stands for it in the bucket.
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

/// The sequence number of a record: what an answer names it by.
fn sequence_number(record: &Value) -> Option<&Value> {
    record.pointer("/dynamodb/SequenceNumber").filter(|number| number.is_string())
}

#[cfg(test)]
mod tests;
