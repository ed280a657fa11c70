//! The pipeline of a batch: records are parsed into changes, the handler gets those that could be parsed, and
//! the others are reported as failed. Each batch has one log line.

use std::time::Instant;

use aws_lambda_events::event::dynamodb::{EventRecord, StreamRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use backon::Retryable as _;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lambda_runtime::Context;
use tracing::Instrument as _;

use super::StreamEvent;
use super::batch_log::BatchLog;
use crate::aws::IamPermission;
use crate::config::{Environment, MetricsConfig};
use crate::domain::{ChangeEvent, Kinds, Timestamp};
use crate::retry::Backoff;
use crate::telemetry::{RequestContext, cold_start, usage};
use crate::{Error, deadline, repository};

/// The principal of deletions by DynamoDB's TTL.
const TTL: &str = "dynamodb.amazonaws.com";

/// A function on a table's stream.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The name of the function and of its binary.
    pub name: &'static str,
    /// The condition of the template under which the function is deployed; `None` if it always is.
    pub condition: Option<&'static str>,
    /// The logical id of the table in the template.
    pub table: &'static str,
    /// All calls to DynamoDB that the function may make, besides those with which Lambda reads the stream.
    pub iam_permissions: &'static [IamPermission],
    /// Reads the environment variables of the function.
    pub environment: fn(&mut Environment<'_>),
}

type Handler = Box<dyn Fn(Vec<ChangeEvent>) -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// A Lambda function: a subscription and its handler.
pub struct StreamFunction {
    subscription: &'static Subscription,
    kinds: Kinds,
    handler: Handler,
    /// The dimensions of the metrics in the log line of each batch; `None` for lines without metrics.
    metrics: Option<MetricsConfig>,
}

impl StreamFunction {
    /// A function with a handler for the changes of these kinds.
    pub fn new<F>(
        subscription: &'static Subscription,
        kinds: Kinds,
        handler: impl Fn(Vec<ChangeEvent>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        Self {
            subscription,
            kinds,
            handler: Box::new(move |changes| handler(changes).boxed()),
            metrics: None,
        }
    }

    /// Adds metrics with these dimensions to the log line of each batch; `None`, the default, adds none.
    #[must_use]
    pub fn measured(self, metrics: Option<MetricsConfig>) -> Self {
        Self { metrics, ..self }
    }

    /// Its subscription.
    pub fn subscription(&self) -> &'static Subscription {
        self.subscription
    }

    /// Processes one batch, and reports the records that cannot be read as failed. Lambda retries these until
    /// their attempts are used up. The records after them are processed now, because Lambda may discard them
    /// together.
    ///
    /// # Errors
    /// If the handler fails. Lambda then retries the batch, split in two.
    pub async fn respond(
        &self,
        event: StreamEvent,
        context: &Context,
    ) -> Result<DynamoDbEventResponse, Error> {
        let started = Instant::now();
        let records = event.records.len();
        let times = event.records.iter().map(|record| written_at(&record.change));
        let oldest = times.min();
        let identity = RequestContext::new(None, None, context);
        let span = tracing::error_span!("batch", request_id = context.request_id);
        async {
            let mut failed = DynamoDbEventResponse::default();
            let (mut changes, mut undeclared) = (Vec::with_capacity(records), 0_usize);
            for record in event.records {
                let sequence_number = record.change.sequence_number.clone().unwrap_or_default();
                match change(record, self.kinds) {
                    Ok(Some(change)) => changes.push(change),
                    // Resources of undeclared kinds are neither listed nor searched.
                    Ok(None) => undeclared += 1,
                    Err(error) => {
                        tracing::error!(sequence_number, error = error.chain(), "a record cannot be read");
                        let mut failure = DynamoDbBatchItemFailure::default();
                        failure.item_identifier = Some(sequence_number);
                        failed.batch_item_failures.push(failure);
                    }
                }
            }
            if undeclared > 0 {
                tracing::warn!(undeclared, "changes of undeclared kinds were skipped");
            }
            let handled = deadline::within(context.deadline, self.handle(changes));
            let (result, usage) = usage::measured(identity.scope(handled)).await;
            BatchLog {
                function: self.subscription.name,
                records,
                oldest,
                unreadable: failed.batch_item_failures.len(),
                duration: started.elapsed(),
                cold_start: cold_start(),
                usage,
                error: result.as_ref().err(),
            }
            .write(&identity, self.metrics.as_ref());
            result.map(|()| failed)
        }
        .instrument(span)
        .await
    }

    /// Passes changes to the handler, and retries while DynamoDB is unavailable, because Lambda makes only
    /// few attempts and an outage may last longer.
    async fn handle(&self, changes: Vec<ChangeEvent>) -> Result<(), Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let attempt = || (self.handler)(changes.clone());
        let passing = |error: &Error| matches!(error, Error::Unavailable(_));
        attempt.retry(Backoff::until_the_deadline()).when(passing).await
    }
}

/// The change of a record; `None` if its kind is not declared.
///
/// # Errors
/// If it cannot be read.
pub(super) fn change(record: EventRecord, kinds: Kinds) -> Result<Option<ChangeEvent>, Error> {
    let expired = record.user_identity.is_some_and(|identity| identity.principal_id == TTL);
    let images = record.change;
    let at = written_at(&images);
    repository::changed(kinds, images.old_image, images.new_image, at, expired)
}

fn written_at(change: &StreamRecord) -> Timestamp {
    let at = change.approximate_creation_date_time;
    Timestamp::from_epoch(at.timestamp().try_into().unwrap_or_default(), at.timestamp_subsec_nanos())
}
