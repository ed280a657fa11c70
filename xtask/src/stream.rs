//! Feeds the functions on a table's stream, in the place of Lambda.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use resource_api::stream::Subscription;
use serde_json::{Value, json};
use testing::{Delivery, EventSource, Template};
use tokio::time::sleep;

use crate::local::{table_name, target};

/// How long it waits for changes before it looks again. Lambda does so four times a second.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How long it waits before a batch is given again.
const RETRY_WAIT: Duration = Duration::from_millis(500);
/// How long it waits when the stream cannot be read.
const ERROR_WAIT: Duration = Duration::from_secs(2);

/// The way from the stream to the function.
pub(crate) struct Feed {
    subscription: &'static Subscription,
    source: EventSource,
    invoke_url: String,
    client: reqwest::Client,
    /// Where it is kept how far the stream is done with.
    position: Option<PathBuf>,
}

impl Feed {
    /// The stream of the DynamoDB at a URL, and the function of the API at another. How far it has come is kept beside the
    /// data, where that is kept.
    pub(crate) async fn new(
        subscription: &'static Subscription,
        dynamodb: &str,
        api: &str,
        data: Option<&Path>,
        template: &Template,
    ) -> Result<Self> {
        let stream = template.stream_of(subscription.name);
        let stream = stream.with_context(|| format!("no stream leads to {}", subscription.name))?;
        let delivery = Delivery {
            batch_size: stream.batch_size,
            retries: stream.maximum_retry_attempts,
            wait: RETRY_WAIT,
        };
        let position = data.map(|data| data.with_extension(format!("{}.position.json", subscription.name)));
        let done = match &position {
            Some(file) if file.exists() => serde_json::from_slice(&fs::read(file)?)
                .with_context(|| format!("{} is no position in a stream; delete it", file.display()))?,
            _ => HashMap::new(),
        };
        Ok(Self {
            subscription,
            source: EventSource::of(dynamodb, &table_name(subscription.table), delivery, done).await?,
            invoke_url: format!("{api}/2015-03-31/functions/{}/invocations", subscription.name),
            client: reqwest::Client::new(),
            position,
        })
    }

    /// Starts the function, so that the first change does not wait for that.
    pub(crate) async fn warm_up(&self) {
        invoke(&self.client, &self.invoke_url, &json!({ "Records": [] })).await;
    }

    /// Gives the function all changes, and goes on until it is dropped.
    pub(crate) async fn run(mut self) -> Result<()> {
        loop {
            let (client, url) = (&self.client, &self.invoke_url);
            let delivered =
                self.source.deliver(async |event| invoke(client, url, event).await, give_up).await;
            match delivered {
                Ok(0) => sleep(POLL_INTERVAL).await,
                Ok(_) => self.keep_position()?,
                Err(error) => {
                    eprintln!("error: the stream of {} cannot be read: {error:#}", self.subscription.table);
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

/// The function's answer; `None` where it failed, or there was none.
async fn invoke(client: &reqwest::Client, url: &str, event: &Value) -> Option<Value> {
    let response = client.post(url).body(event.to_string()).send().await.ok()?;
    let failed = !response.status().is_success() || response.headers().contains_key("x-amz-function-error");
    let answer: Value = response.json().await.ok()?;
    let is_answer = answer.get("batchItemFailures").is_some();
    (!failed && is_answer).then_some(answer)
}

/// What Lambda would send to the dead-letter queue goes to the terminal and to a file.
fn give_up(letter: &Value) {
    let folder = target().join("dev");
    let file = folder.join("dead-letters.jsonl");
    eprintln!("error: changes were given up, as {} tells: {letter}", file.display());
    let opened = fs::create_dir_all(folder)
        .and_then(|()| fs::OpenOptions::new().create(true).append(true).open(&file));
    if let Err(error) = opened.and_then(|mut file| writeln!(file, "{letter}")) {
        eprintln!("error: cannot write {}: {error}", file.display());
    }
}
