//! What a search costs, whatever it asks for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use functions::PROCESS_CHANGES;
use kinds::{KINDS, RESOURCES};
use lambda_runtime::Context;
use resource_api::cache::Cache;
use resource_api::domain::{Caller, Role, SearchRequest, Status, Words};
use resource_api::repository::sdk::Client;
use resource_api::repository::{HistoryRepository, ResourceRepository, SearchRepository};
use resource_api::service::{ChangeProcessor, SearchService};
use resource_api::stream::StreamFunction;
use resource_api::telemetry::usage::{self, Usage};
use serde_json::Value;
use testing::{Delivery, EventSource};

use super::listing::{COMMON_WORD, HALVES, RARE_WORD};
use crate::local::table_name;

/// How often each search is made; the time printed is the median.
const SAMPLES: usize = 21;
/// The results of each.
const LIMIT: usize = 10;
/// The most calls that read results.
const MAX_READS: u32 = 1;
/// The read units that the candidates of a word may take: 1,001 rows of 250 bytes, eventually consistent.
const MAX_UNITS_OF_A_WORD: f64 = 32.0;

/// Follows all changes so far, makes searches, prints what each costs, and fails where one passes its bounds.
pub(super) async fn run(client: &Client, endpoint: &str, resources: ResourceRepository) -> Result<()> {
    let words = SearchRepository::new(client.clone(), table_name("SearchTable"));
    let history = HistoryRepository::new(client.clone(), table_name("HistoryTable"));
    let processor = ChangeProcessor::new(resources.clone(), words.clone(), history, Cache::default());
    let (followed, time) = follow(endpoint, processor).await?;
    let each = time / u32::try_from(followed)?;
    println!(
        "\nprocess-changes followed {followed} changes in {time:.1?}, one batch after the other: {each:.2?} each."
    );

    let service = SearchService::over(resources, words);
    let caller = Caller::example(Role::User);
    let [left, right] = HALVES;
    let cases = [
        ("one word that all have", COMMON_WORD.to_owned()),
        ("one word that 1 in 1,000 has", RARE_WORD.to_owned()),
        ("that and one that all have", format!("{RARE_WORD} {COMMON_WORD}")),
        ("two words that half have, and all have", format!("{left} {COMMON_WORD}")),
        ("two beginnings that all have", format!("{} {}", &COMMON_WORD[..4], &COMMON_WORD[..3])),
        ("two words that never meet", format!("{left} {right}")),
    ];
    println!("\nA search for {LIMIT} results, on the embedded DynamoDB:\n");
    println!("{:<40} {:>26} {:>12} {:>8} {:>10}", "search", "calls", "read units", "results", "median");
    let mut times = HashMap::new();
    for (name, query) in cases {
        let request = SearchRequest {
            kind: &RESOURCES,
            words: Words::of(&query),
            statuses: Status::all(&RESOURCES).collect(),
            limit: LIMIT,
            fields: RESOURCES.summary(),
        };
        let (usage, results, time) = measure(&service, &caller, &request).await?;
        println!("{name:<40} {:>26} {:>12} {results:>8} {time:>10.1?}", usage.operations(), usage.read_units);
        check(&request, &usage).with_context(|| format!("{name} passes its bounds"))?;
        times.insert(name, time);
    }
    let [with_common, alone] =
        ["that and one that all have", "one word that 1 in 1,000 has"].map(|name| times[name].as_secs_f64());
    println!(
        "\nA word that all have makes the search for a rare one take {:.2} times as long.",
        with_common / alone
    );
    Ok(())
}

/// Gives `process-changes` the whole stream, and tells how many records that were and how long it took.
async fn follow(endpoint: &str, processor: ChangeProcessor) -> Result<(usize, Duration)> {
    let processor = Arc::new(processor);
    let function = StreamFunction::new(&PROCESS_CHANGES, KINDS, move |changes| {
        functions::process_changes::handle(Arc::clone(&processor), changes)
    });
    let delivery = Delivery { batch_size: 100, retries: 0, wait: Duration::ZERO };
    let table = table_name(PROCESS_CHANGES.table);
    let mut source = EventSource::of(endpoint, &table, delivery, HashMap::new()).await?;
    let invoke = async |event: &Value| {
        let event = serde_json::from_str(&event.to_string()).ok()?;
        serde_json::to_value(function.respond(event, &Context::default()).await.ok()?).ok()
    };
    let mut given_up = None;
    let started = Instant::now();
    let followed = source.deliver(invoke, |letter| given_up = Some(letter.clone())).await?;
    match given_up {
        None => Ok((followed, started.elapsed())),
        Some(letter) => Err(anyhow!("changes were given up: {letter}")),
    }
}

async fn measure(
    service: &SearchService,
    caller: &Caller,
    request: &SearchRequest,
) -> Result<(Usage, usize, Duration)> {
    let (mut times, mut used, mut results) = (Vec::new(), Usage::default(), 0);
    for _ in 0..SAMPLES {
        let started = Instant::now();
        let (found, usage) = usage::measured(Box::pin(service.search(caller, request))).await;
        times.push(started.elapsed());
        (used, results) = (usage, found?.resources.len());
    }
    times.sort_unstable();
    Ok((used, results, times[SAMPLES / 2]))
}

/// One Query for each word, and one read of the results.
fn check(request: &SearchRequest, usage: &Usage) -> Result<()> {
    let words = u32::try_from(request.words.iter().len())?;
    let calls = |operation: &str| usage.calls.get(operation).copied().unwrap_or(0);
    ensure!(calls("Query") == words, "{words} words take {} queries", calls("Query"));
    ensure!(calls("BatchGetItem") <= MAX_READS, "{} reads of results", calls("BatchGetItem"));
    let most = MAX_UNITS_OF_A_WORD * f64::from(words) + f64::from(u32::try_from(LIMIT)?);
    ensure!(usage.read_units <= most, "{} read units, of {most} at most", usage.read_units);
    Ok(())
}
