//! Puts events on a bus of Amazon EventBridge.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::Builder;
use aws_sdk_eventbridge::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_eventbridge::operation::put_events::PutEventsError;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Error;
use crate::aws::{self, DeadlineTimeouts, TraceHeader};
use crate::domain::ResourceEvent;
use crate::error::Cause;
use crate::retry::Backoff;

/// The `source` of every event.
pub const SOURCE: &str = "resource-api";

/// EventBridge's limit for the entries of a call.
const MAX_ENTRIES: usize = 10;
/// EventBridge's limit for a call, 256 KB, less a margin.
const MAX_CALL: usize = 250_000;
/// The size of an entry besides its detail, in bytes: time, source, type and the name of the bus.
const ENTRY_OVERHEAD: usize = 1000;
/// The maximum length of a detail that is not shortened, in bytes.
const MAX_DETAIL: usize = MAX_CALL - ENTRY_OVERHEAD;
/// The maximum number of concurrent calls.
const CONCURRENCY: usize = 5;

/// The transient error codes of an entry (`PutEvents`).
const PASSING_CODES: [&str; 4] =
    ["ThrottlingException", "InternalFailure", "InternalException", "ConcurrentModificationException"];
/// The transient error codes of a whole call with a 4xx.
const THROTTLES: [&str; 2] = ["ThrottlingException", "RequestLimitExceeded"];

/// An event as JSON. If it is too large for EventBridge, its resource has only the fields that every kind
/// has.
fn detail(event: &ResourceEvent) -> Result<String, Error> {
    let whole = serde_json::to_string(event).map_err(Error::defect)?;
    if whole.len() <= MAX_DETAIL {
        return Ok(whole);
    }
    serde_json::to_string(&event.shortened()).map_err(Error::defect)
}

/// Splits entries into calls within EventBridge's limits.
fn chunks(entries: Vec<PutEventsRequestEntry>) -> Vec<Vec<PutEventsRequestEntry>> {
    let (mut chunks, mut size): (Vec<Vec<_>>, usize) = (Vec::new(), 0);
    for entry in entries {
        let length = ENTRY_OVERHEAD + entry.detail().map(str::len).unwrap_or_default();
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < MAX_ENTRIES && size + length <= MAX_CALL => {
                size += length;
                chunk.push(entry);
            }
            _ => {
                size = length;
                chunks.push(vec![entry]);
            }
        }
    }
    chunks
}

/// The error of a failed call. A 4xx is permanent (no such bus, no permission), except for throttling.
fn failure(error: SdkError<PutEventsError>) -> Error {
    match &error {
        SdkError::ServiceError(service) => {
            let throttled = service.err().code().is_some_and(|code| THROTTLES.contains(&code));
            let refused = service.raw().status().is_client_error() && !throttled;
            if refused { Error::defect(error) } else { Error::Unavailable(error.into()) }
        }
        SdkError::ConstructionFailure(_) => Error::defect(error),
        _ => Error::Unavailable(error.into()),
    }
}

/// A bus of Amazon EventBridge.
#[derive(Debug, Clone)]
pub struct EventBus {
    client: Client,
    name: String,
}

impl EventBus {
    /// The bus of a name or an ARN, with the credentials, region and endpoint of the environment.
    ///
    /// # Errors
    /// When the trust store cannot be built.
    pub async fn connect(name: String) -> Result<Self, Cause> {
        Ok(Self::new(&aws::sdk_config().await?, name))
    }

    /// The bus of a name or an ARN, with this configuration.
    pub fn new(config: &SdkConfig, name: String) -> Self {
        let config = Builder::from(config)
            .retry_config(aws::retries())
            .timeout_config(aws::timeouts())
            .interceptor(DeadlineTimeouts)
            .interceptor(TraceHeader);
        Self { client: Client::from_conf(config.build()), name }
    }

    /// Puts events, at most 10 a call. Entries that fail with a transient error are retried.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when EventBridge has not accepted all of them by the deadline,
    /// [`Error::Internal`] when it refuses one permanently. Some may have been put.
    pub async fn put(&self, events: &[ResourceEvent]) -> Result<(), Error> {
        let entries = events.iter().map(|event| self.entry(event)).collect::<Result<Vec<_>, _>>()?;
        let calls: Vec<_> = chunks(entries).into_iter().map(|chunk| self.put_chunk(chunk)).collect();
        stream::iter(calls).buffered(CONCURRENCY).try_collect().await
    }

    fn entry(&self, event: &ResourceEvent) -> Result<PutEventsRequestEntry, Error> {
        let (seconds, nanoseconds) = event.at.since_epoch();
        let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        Ok(PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(event.name())
            .time(time.into())
            .detail(detail(event)?)
            .build())
    }

    async fn put_chunk(&self, mut entries: Vec<PutEventsRequestEntry>) -> Result<(), Error> {
        let mut waits = Backoff::until_the_deadline();
        loop {
            let sent = self.client.put_events().set_entries(Some(entries.clone())).send().await;
            // The SDK has retried throttles, timeouts and lost connections.
            let output = sent.map_err(failure)?;
            let results = output.entries();
            let codes = || results.iter().filter_map(|result| result.error_code());
            let passing = codes().find(|code| PASSING_CODES.contains(code)).map(str::to_owned);
            let lasting = codes().find(|code| !PASSING_CODES.contains(code)).map(str::to_owned);
            if let Some(code) = lasting {
                return Err(Error::defect(format!("EventBridge refuses an event: {code}")));
            }
            let Some(refusal) = passing else { return Ok(()) };
            let failed = entries.into_iter().zip(results).filter(|(_, result)| result.error_code().is_some());
            entries = failed.map(|(entry, _)| entry).collect();
            let Some(wait) = waits.next() else {
                let message = format!("EventBridge did not accept all events before the deadline: {refusal}");
                return Err(Error::Unavailable(message.into()));
            };
            tokio::time::sleep(wait).await;
        }
    }
}
