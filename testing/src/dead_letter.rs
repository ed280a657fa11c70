//! Dead letters as Lambda writes them: discarded batches, as objects of a bucket.

use std::fmt;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use aws_sdk_dynamodbstreams::primitives::{DateTime, DateTimeFormat};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use serde_json::{Value, json};
use uuid::Uuid;

/// A discarded batch of a stream.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// Its key in the bucket.
    pub key: Path,
    /// Lambda's invocation record, with the event as a text in `payload`.
    pub body: Value,
}

/// The origin of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) function: &'a str,
    pub(super) stream: &'a str,
    pub(super) shard: &'a str,
}

impl DeadLetter {
    /// The dead letter of some records, in the JSON form of events, after `attempts`. The last attempt failed
    /// completely if `failed`, or else reported some records.
    pub(super) fn of(origin: Origin<'_>, records: &[&Value], attempts: usize, failed: bool) -> Result<Self> {
        let now = DateTime::from(SystemTime::now());
        let number = |record: Option<&&Value>| record.map(|it| it["dynamodb"]["SequenceNumber"].clone());
        let arrival = |record: Option<&&Value>| {
            let seconds = record.and_then(|it| it["dynamodb"]["ApproximateCreationDateTime"].as_f64());
            let seconds = DateTime::from_secs_f64(seconds.unwrap_or_default().trunc());
            seconds.fmt(DateTimeFormat::DateTime)
        };
        let mut response = json!({ "statusCode": 200, "executedVersion": "$LATEST" });
        if failed {
            response["functionError"] = "Unhandled".into();
        }
        let body = json!({
            "requestContext": {
                "requestId": Uuid::now_v7(),
                "functionArn": format!("arn:aws:lambda:us-east-1:123456789012:function:{}", origin.function),
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": attempts,
            },
            "responseContext": response,
            "version": "1.0",
            "timestamp": DateTime::from_millis(now.to_millis()?).fmt(DateTimeFormat::DateTime)?,
            "DDBStreamBatchInfo": {
                "shardId": origin.shard,
                "startSequenceNumber": number(records.first()),
                "endSequenceNumber": number(records.last()),
                "approximateArrivalOfFirstRecord": arrival(records.first())?,
                "approximateArrivalOfLastRecord": arrival(records.last())?,
                "batchSize": records.len(),
                "streamArn": origin.stream,
            },
            "payload": json!({ "Records": records }).to_string(),
        });
        let seconds = DateTime::from_secs(now.secs()).fmt(DateTimeFormat::DateTime)?;
        let (day, _) = seconds.split_once('T').context("a time has no day")?;
        // Here, the name of the function replaces the mapping's UUID.
        let key = format!(
            "aws/lambda/{}/{}/{}/{}-{}",
            origin.function,
            origin.shard,
            day.replace('-', "/"),
            seconds.trim_end_matches('Z').replace(':', "."),
            uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid()
        );
        Ok(Self { key: key.into(), body })
    }

    /// Stores it in the bucket.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn put(&self, bucket: &dyn ObjectStore) -> Result<()> {
        bucket.put(&self.key, self.body.to_string().into()).await?;
        Ok(())
    }
}

impl fmt::Display for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.body)
    }
}
