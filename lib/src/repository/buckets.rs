//! The rate limits table: one item for each bucket, changed by one conditional write.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};

use super::item::Item;
use super::{errors, keys};
use crate::domain::{Attempt, BucketKey, Take};

/// The time limit of a call. A request does not wait longer for its rate limit.
const TIMEOUT: Duration = Duration::from_millis(100);
/// How long a full bucket stays in the table, in seconds. A missing bucket is full.
const KEPT: u64 = 60 * 60;

/// Buckets in a table.
#[derive(Debug, Clone)]
pub struct BucketRepository {
    client: Client,
    table: String,
}

/// The reason why taking tokens failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BucketFailure {
    /// DynamoDB throttles this key: its caller sends more requests than a partition supports.
    KeyThrottled,
    /// The table does not respond, or not in time. The reason is for the log.
    Unavailable(String),
}

impl BucketRepository {
    /// The buckets in a table. A call has one attempt and a short time limit, because the limiter has a
    /// fallback.
    pub fn new(client: &Client, table: impl Into<String>) -> Self {
        Self::with_timeout(client, table, TIMEOUT)
    }

    /// The buckets in a table, with this time limit for a call.
    pub fn with_timeout(client: &Client, table: impl Into<String>, timeout: Duration) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(timeout).build();
        let config = client.config().to_builder();
        let config = config.retry_config(RetryConfig::disabled()).timeout_config(timeouts).build();
        Self { client: Client::from_conf(config), table: table.into() }
    }

    /// Takes tokens from a bucket that is full, or not in the table.
    ///
    /// # Errors
    /// If the call fails.
    pub async fn take_from_idle(&self, key: &BucketKey, attempt: Attempt) -> Result<Take, BucketFailure> {
        let tat = attempt.now + attempt.advance;
        let update = self
            .update(key, attempt)
            .update_expression("SET tat = :tat, expires_at = :expires_at")
            .condition_expression("attribute_not_exists(tat) OR tat <= :now")
            .expression_attribute_values(":tat", number(tat))
            .expression_attribute_values(":now", number(attempt.now));
        send(update).await
    }

    /// Takes tokens from a bucket that is not full.
    ///
    /// # Errors
    /// If the call fails.
    pub async fn take_from_busy(&self, key: &BucketKey, attempt: Attempt) -> Result<Take, BucketFailure> {
        let update = self
            .update(key, attempt)
            .update_expression("SET tat = tat + :advance, expires_at = :expires_at")
            .condition_expression("tat BETWEEN :now AND :latest")
            .expression_attribute_values(":advance", number(attempt.advance))
            .expression_attribute_values(":now", number(attempt.now))
            .expression_attribute_values(":latest", number(attempt.latest()));
        send(update).await
    }

    fn update(&self, key: &BucketKey, attempt: Attempt) -> UpdateItemFluentBuilder {
        let full_at = attempt.now + attempt.limit.refill_time();
        self.client
            .update_item()
            .table_name(&self.table)
            .key(keys::PARTITION_KEY, AttributeValue::S(key.as_str().to_owned()))
            .expression_attribute_values(":expires_at", number(full_at / 1_000_000 + KEPT))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }
}

async fn send(update: UpdateItemFluentBuilder) -> Result<Take, BucketFailure> {
    match update.send().await {
        Ok(output) => match output.attributes().and_then(tat) {
            Some(tat) => Ok(Take::Taken(tat)),
            None => Err(BucketFailure::Unavailable("the table gave no tat".to_owned())),
        },
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                Ok(Take::Failed(failure.item().and_then(tat)))
            }
            Some(service) if throttles_the_key(service) => Err(BucketFailure::KeyThrottled),
            _ => Err(BucketFailure::Unavailable(errors::translate(error).chain())),
        },
    }
}

/// Whether DynamoDB throttles this key and not the table: the reason then names the key range.
fn throttles_the_key(error: &UpdateItemError) -> bool {
    error.message().is_some_and(|message| message.contains("KeyRangeThroughputExceeded"))
        || match error {
            UpdateItemError::ProvisionedThroughputExceededException(throttled) => throttled
                .throttling_reasons()
                .iter()
                .any(|reason| reason.reason().is_some_and(|reason| reason.contains("KeyRange"))),
            _ => false,
        }
}

fn tat(item: &Item) -> Option<u64> {
    item.get("tat")?.as_n().ok()?.parse().ok()
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
