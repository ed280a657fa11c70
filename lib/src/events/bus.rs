//! An event bus, and putting events to it.

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
/// What an entry takes besides its detail: time, source, type and the name of the bus.
const ENTRY_OVERHEAD: usize = 1000;
/// The longest detail that is sent as it is.
const MAX_DETAIL: usize = MAX_CALL - ENTRY_OVERHEAD;
/// The calls that are made at the same time.
const CONCURRENCY: usize = 5;

/// What EventBridge says of an entry that it may take later (the error codes of `PutEvents`).
const PASSING_CODES: [&str; 4] =
    ["ThrottlingException", "InternalFailure", "InternalException", "ConcurrentModificationException"];
/// Refusals of a whole call with a 4xx that pass.
const THROTTLES: [&str; 2] = ["ThrottlingException", "RequestLimitExceeded"];

/// An event as JSON. Where that is more than EventBridge takes, it tells of the resource what every kind has.
fn detail(event: &ResourceEvent) -> Result<String, Error> {
    let whole = serde_json::to_string(event).map_err(Error::defect)?;
    if whole.len() <= MAX_DETAIL {
        return Ok(whole);
    }
    serde_json::to_string(&event.shortened()).map_err(Error::defect)
}

/// Entries in calls that EventBridge takes.
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

/// What a failed call means: a refusal is for good (no such bus, no permission), but for throttling.
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

    /// The bus of a name or an ARN, where a configuration says.
    pub fn new(config: &SdkConfig, name: String) -> Self {
        let config = Builder::from(config)
            .retry_config(aws::retries())
            .timeout_config(aws::timeouts())
            .interceptor(DeadlineTimeouts)
            .interceptor(TraceHeader);
        Self { client: Client::from_conf(config.build()), name }
    }

    /// Puts events, at most 10 a call, asking again for those that EventBridge does not take.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it has not taken all of them by the deadline, [`Error::Internal`] when it refuses one for
    /// good. Some may be put then.
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
            // Throttles, timeouts and lost connections have been tried again by the SDK.
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
                let message = format!("EventBridge has not taken events until the deadline: {refusal}");
                return Err(Error::Unavailable(message.into()));
            };
            tokio::time::sleep(wait).await;
        }
    }
}
