//! The cost of searches.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use kinds::RESOURCES;
use resource_api::domain::{Caller, Resource, Role, SearchRequest, Status, Tenant, Timestamp, Values, Words};
use resource_api::repository::sdk::Client;
use resource_api::repository::{ResourceRepository, SearchRepository};
use resource_api::service::SearchService;
use resource_api::telemetry::usage::{self, Usage};
use serde_json::json;

use super::changes::Follower;
use super::listing::{COMMON_WORD, HALVES, RARE_WORD};
use crate::local::table_name;
use crate::seed;

/// How often each search is made; the time printed is the median.
const SAMPLES: usize = 21;
/// The number of results of each.
const LIMIT: usize = 10;
/// The largest number of calls that read results.
const MAX_READS: u32 = 1;
/// The number of resources of 100 KB, and the read units of one.
const LARGE: u64 = 200;
const UNITS_OF_A_LARGE: f64 = 26.0;
/// The limit of read units for the candidates of a word: 1,001 rows of 250 bytes, eventually consistent.
const MAX_UNITS_OF_A_WORD: f64 = 32.0;

/// Sends searches, and prints the calls and units of each. Fails if one exceeds its bounds.
pub(super) async fn run(
    client: &Client,
    follower: &mut Follower,
    resources: ResourceRepository,
) -> Result<()> {
    let words = SearchRepository::new(client.clone(), table_name("SearchTable"));
    let caller = Caller::example(Role::User);
    let archivist = Caller { tenant: Tenant::parse("archive").context("no tenant")?, ..caller.clone() };
    write_large(&resources, &archivist).await?;
    follower.follow().await?;

    let service = SearchService::over(resources, words);
    let [left, right] = HALVES;
    let cases = [
        ("one word that all have", &caller, COMMON_WORD.to_owned()),
        ("one word that 1 in 1,000 has", &caller, RARE_WORD.to_owned()),
        ("that and one that all have", &caller, format!("{RARE_WORD} {COMMON_WORD}")),
        ("two words that half have, and all have", &caller, format!("{left} {COMMON_WORD}")),
        ("two beginnings that all have", &caller, format!("{} {}", &COMMON_WORD[..4], &COMMON_WORD[..3])),
        ("two words never in one name", &caller, format!("{left} {right}")),
        ("one word, resources of 100 KB", &archivist, COMMON_WORD.to_owned()),
        ("two words never in one name, 100 KB", &archivist, format!("{left} {right}")),
    ];
    println!("\nA search for {LIMIT} results, on the embedded DynamoDB:\n");
    println!("{:<40} {:>26} {:>12} {:>8} {:>10}", "search", "calls", "read units", "results", "median");
    let mut times = HashMap::new();
    for (name, caller, query) in cases {
        let request = SearchRequest {
            kind: &RESOURCES,
            words: Words::of(&query),
            statuses: Status::all(&RESOURCES).collect(),
            limit: LIMIT,
            fields: RESOURCES.summary(),
        };
        let (usage, results, time) = measure(&service, caller, &request).await?;
        println!("{name:<40} {:>26} {:>12} {results:>8} {time:>10.1?}", usage.operations(), usage.read_units);
        let units_of_a_result = if *caller == archivist { UNITS_OF_A_LARGE } else { 1.0 };
        check(&request, units_of_a_result, &usage).with_context(|| format!("{name} exceeds its bounds"))?;
        times.insert(name, time);
    }
    let [with_common, alone] =
        ["that and one that all have", "one word that 1 in 1,000 has"].map(|name| times[name].as_secs_f64());
    println!(
        "\nWith an additional word that all have, the search for a rare one takes {:.2} times as long.",
        with_common / alone
    );
    Ok(())
}

/// Writes resources of 100 KB. All have one word, and each half has another.
async fn write_large(repository: &ResourceRepository, author: &Caller) -> Result<()> {
    let text = "x".repeat(100 * 1024);
    let large = (0..LARGE).map(|number| {
        let half = HALVES[usize::from(number % 2 == 0)];
        let body =
            json!({ "name": format!("{half} {COMMON_WORD} {number}"), "attributes": { "text": text } });
        let values = Values::from_json(&RESOURCES, body).map_err(|faults| anyhow!("{faults:?}"))?;
        Ok(Resource::new(values, author, Timestamp::now()))
    });
    seed::write(repository, &author.tenant, large, LARGE).await?;
    Ok(())
}

/// Sends a search several times. Returns the usage of one, its number of results, and the median time.
pub(super) async fn measure(
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

/// Checks that a search takes one Query for each word, and one read of the results, within the limits of read
/// units.
pub(super) fn check(request: &SearchRequest, units_of_a_result: f64, usage: &Usage) -> Result<()> {
    let words = u32::try_from(request.words.iter().len())?;
    let calls = |operation: &str| usage.calls.get(operation).copied().unwrap_or(0);
    ensure!(calls("Query") == words, "{} Query calls for {words} words", calls("Query"));
    ensure!(
        calls("BatchGetItem") <= MAX_READS,
        "{} BatchGetItem calls, more than {MAX_READS}",
        calls("BatchGetItem")
    );
    let most = MAX_UNITS_OF_A_WORD * f64::from(words) + units_of_a_result * f64::from(u32::try_from(LIMIT)?);
    ensure!(usage.read_units <= most, "{} read units, more than {most}", usage.read_units);
    Ok(())
}
