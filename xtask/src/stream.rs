//! Invokes the functions on a table's stream, as Lambda does in a deployment. Failed records become dead
//! letters.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use resource_api::stream::Subscription;
use serde_json::json;
use testing::{DeadLetter, Delivery, EventSource, Template};
use tokio::time::sleep;

use crate::dead_letters::Bucket;
use crate::local::table_name;
use crate::local_functions::LocalFunctions;

/// The interval at which the stream is polled. Lambda polls four times a second.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The wait before a batch is retried.
const RETRY_WAIT: Duration = Duration::from_millis(500);
/// The wait after an error of the stream.
const ERROR_WAIT: Duration = Duration::from_secs(2);

/// Delivers a stream to a function.
pub(crate) struct Feed {
    subscription: &'static Subscription,
    source: EventSource,
    functions: LocalFunctions,
    dead_letters: Bucket,
    /// The file with the position in the stream; `None` if it is not saved.
    position: Option<PathBuf>,
}

impl Feed {
    /// Delivers the stream of the DynamoDB at one URL to the function of the API at another. The position is
    /// saved beside the data file, if there is one.
    pub(crate) async fn new(
        subscription: &'static Subscription,
        dynamodb: &str,
        api: &str,
        data: Option<&Path>,
        template: &Template,
    ) -> Result<Self> {
        let stream = template.stream_of(subscription.name);
        let stream =
            stream.with_context(|| format!("template.yaml has no stream for {}", subscription.name))?;
        let delivery = Delivery {
            function: subscription.name,
            batch_size: stream.batch_size,
            retries: stream.maximum_retry_attempts,
            wait: RETRY_WAIT,
        };
        let position = data.map(|data| data.with_extension(format!("{}.position.json", subscription.name)));
        let done = match &position {
            Some(file) if file.exists() => serde_json::from_slice(&fs::read(file)?)
                .with_context(|| format!("{} is not a position in a stream; delete it", file.display()))?,
            _ => HashMap::new(),
        };
        Ok(Self {
            subscription,
            source: EventSource::of(dynamodb, &table_name(subscription.table), delivery, done).await?,
            functions: LocalFunctions::at(api),
            dead_letters: Bucket::of_dev()?,
            position,
        })
    }

    /// Starts the function, so that the first change does not wait for its start.
    pub(crate) async fn warm_up(&self) {
        let _ = self.functions.invoke(self.subscription.name, &json!({ "Records": [] })).await;
    }

    /// Delivers all changes, until it is dropped.
    pub(crate) async fn run(mut self) -> Result<()> {
        loop {
            let (functions, dead_letters) = (&self.functions, &self.dead_letters);
            let name = self.subscription.name;
            let invoke = async |event: &_| functions.invoke(name, event).await.ok();
            let give_up = async |letter: &DeadLetter| {
                dead_letters.take(letter).await?;
                let id = Bucket::id(&letter.key);
                eprintln!(
                    "error: {name} failed on changes; `cargo xtask dead-letters show {id}` prints them"
                );
                Ok(())
            };
            let delivered = self.source.deliver(invoke, give_up).await;
            match delivered {
                Ok(0) => sleep(POLL_INTERVAL).await,
                Ok(_) => self.keep_position()?,
                Err(error) => {
                    eprintln!("error: cannot process the stream of {}: {error:#}", self.subscription.table);
                    sleep(ERROR_WAIT).await;
                }
            }
        }
    }

    fn keep_position(&self) -> Result<()> {
        let Some(file) = &self.position else { return Ok(()) };
        fs::write(file, serde_json::to_vec(self.source.done())?)
            .with_context(|| format!("cannot write {}", file.display()))
    }
}
