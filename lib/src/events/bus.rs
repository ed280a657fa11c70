//! An event bus, and putting events to it.

use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::Builder;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Error;
use crate::domain::ResourceEvent;
use crate::error::Cause;
use crate::repository::{TimeLimit, http_client, retries, timeouts};
use crate::retry::Backoff;

/// The `source` of every event.
pub const SOURCE: &str = "resource-api";

/// EventBridge's limit for the entries of a call.
const MAX_ENTRIES: usize = 10;
/// The calls that are made at the same time.
const CONCURRENCY: usize = 5;

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
        let config =
            aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http_client()?).load().await;
        Ok(Self::new(Builder::from(&config), name))
    }

    /// The bus of a name or an ARN.
    pub fn new(config: Builder, name: String) -> Self {
        let config = config.retry_config(retries()).timeout_config(timeouts()).interceptor(TimeLimit);
        Self { client: Client::from_conf(config.build()), name }
    }

    /// Puts events, at most 10 a call, asking again for those that EventBridge does not take.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it has not taken all of them by the deadline. Some may be put then.
    pub async fn put(&self, events: &[ResourceEvent]) -> Result<(), Error> {
        let entries = events.iter().map(|event| self.entry(event)).collect::<Result<Vec<_>, _>>()?;
        let calls: Vec<_> =
            entries.chunks(MAX_ENTRIES).map(<[_]>::to_vec).map(|chunk| self.put_chunk(chunk)).collect();
        stream::iter(calls).buffered(CONCURRENCY).try_collect().await
    }

    fn entry(&self, event: &ResourceEvent) -> Result<PutEventsRequestEntry, Error> {
        let (seconds, nanoseconds) = event.at.since_epoch();
        let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        Ok(PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(event.kind.as_str())
            .time(time.into())
            .detail(serde_json::to_string(event).map_err(Error::defect)?)
            .build())
    }

    async fn put_chunk(&self, mut entries: Vec<PutEventsRequestEntry>) -> Result<(), Error> {
        let mut waits = Backoff::until_the_deadline();
        loop {
            let sent = self.client.put_events().set_entries(Some(entries.clone())).send().await;
            // Throttles, timeouts and lost connections have been tried again by the SDK.
            let output = sent.map_err(|error| Error::Unavailable(error.into()))?;
            let results = output.entries();
            let refusal = results.iter().find_map(|result| result.error_code()).map(str::to_owned);
            let Some(refusal) = refusal else { return Ok(()) };
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
