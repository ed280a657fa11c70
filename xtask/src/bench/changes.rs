//! The throughput of `process-changes`, also while one user renames a resource as often as the rate limit
//! allows.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use functions::PROCESS_CHANGES;
use kinds::{KINDS, RESOURCES};
use lambda_runtime::Context;
use resource_api::cache::Cache;
use resource_api::domain::{Caller, FieldValue, Resource, Role, Timestamp, Values};
use resource_api::repository::sdk::Client;
use resource_api::repository::{HistoryRepository, ResourceRepository, SearchRepository};
use resource_api::service::ChangeProcessor;
use resource_api::stream::StreamFunction;
use serde_json::{Value, json};
use testing::{DeadLetter, Delivery, EventSource};

use crate::local::table_name;
use crate::seed;

/// The number of changes by other users.
const OTHERS: u64 = 2_000;
/// How many of those there are for each rename: a user may write 20 times a second, while others make 80
/// changes.
const OTHERS_BETWEEN: u64 = 4;
/// The number of words in each name: as many of two characters as fit a name of 200 characters.
const WORDS: u32 = 66;

/// The stream of the resources table, and the function that processes it.
pub(super) struct Follower {
    source: EventSource,
    function: StreamFunction,
}

impl Follower {
    /// Starts at the oldest record of the stream.
    pub(super) async fn new(client: &Client, endpoint: &str, resources: ResourceRepository) -> Result<Self> {
        let words = SearchRepository::new(client.clone(), table_name("SearchTable"));
        let history = HistoryRepository::new(client.clone(), table_name("HistoryTable"));
        let processor = Arc::new(ChangeProcessor::new(resources, words, history, Cache::default()));
        let function = StreamFunction::new(&PROCESS_CHANGES, KINDS, move |changes| {
            functions::process_changes::handle(Arc::clone(&processor), changes)
        });
        let delivery =
            Delivery { function: PROCESS_CHANGES.name, batch_size: 100, retries: 0, wait: Duration::ZERO };
        let table = table_name(PROCESS_CHANGES.table);
        let source = EventSource::of(endpoint, &table, delivery, HashMap::new()).await?;
        Ok(Self { source, function })
    }

    /// Processes all records so far. Returns their number, and the time for each.
    pub(super) async fn follow(&mut self) -> Result<(usize, Duration)> {
        let Self { source, function } = self;
        let invoke = async |event: &Value| {
            let event = serde_json::from_str(&event.to_string()).ok()?;
            serde_json::to_value(function.respond(event, &Context::default()).await.ok()?).ok()
        };
        let started = Instant::now();
        let give_up = async |letter: &DeadLetter| Err(anyhow!("process-changes failed on records: {letter}"));
        let followed = source.deliver(invoke, give_up).await?;
        Ok((followed, started.elapsed() / u32::try_from(followed)?))
    }
}

/// Prints how long `process-changes` takes for a change: with many users, and with one more who renames all
/// the time.
pub(super) async fn run(follower: &mut Follower, repository: &ResourceRepository) -> Result<()> {
    let others = Caller::example(Role::User);
    print("process-changes, in batches of 100, one after another", follower.follow().await?);

    let name = |turn: u64| {
        let from = u32::try_from(turn % 2)? * WORDS;
        let words: Vec<_> = (from..from + WORDS).map(|number| format!("{:x}", 0x10 + number)).collect();
        Ok::<_, anyhow::Error>(words.join(" "))
    };
    let values = Values::from_json(&RESOURCES, json!({ "name": name(0)? }));
    let values = values.map_err(|faults| anyhow!("{faults:?}"))?;
    let mut renamed = Resource::new(values, &others, Timestamp::now());
    repository.store(&others.tenant, &renamed).await?;
    for (turn, resource) in (1..).zip(seed::resources(OTHERS, &others)) {
        repository.store(&others.tenant, &resource?).await?;
        if turn % OTHERS_BETWEEN == 0 {
            renamed.version += 1;
            renamed.values = renamed.values.with("name", FieldValue::Text(name(turn / OTHERS_BETWEEN)?));
            repository.store(&others.tenant, &renamed).await?;
        }
    }
    let title = format!("with every {}th change a rename that replaces {WORDS} words", OTHERS_BETWEEN + 1);
    print(&title, follower.follow().await?);
    Ok(())
}

fn print(what: &str, (followed, each): (usize, Duration)) {
    println!("\n{what}: {followed} changes, {each:.2?} each, {:.0} a second", 1.0 / each.as_secs_f64());
}
