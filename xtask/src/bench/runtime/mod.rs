//! `cargo xtask bench runtime`: cold starts and warm requests of release binaries, under a stand-in for Lambda's Runtime API and a
//! stand-in for DynamoDB. The candidates take turns, so that changes in the machine's load affect them alike.

mod binaries;
mod buckets;
mod cases;
mod certificate;
mod measure;
mod report;
mod store;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use testing::{RecordingBus, Template, TestStore};

use self::cases::Case;
use self::certificate::Root;
use self::measure::{Cold, Process, Warm};
use self::report::Row;
use self::store::Store;
use crate::bench::data::Data;
use crate::bench::lambda::variables;

/// The name of the bare function in the table.
const BARE: &str = "bare";

/// What `bench runtime` can be told.
#[derive(clap::Args)]
pub(super) struct Options {
    /// Also measures the functions of this commit, and prints ratios to them
    #[arg(long, value_name = "COMMIT")]
    against: Option<String>,
    /// Also measures the binaries in this folder, which were built from `target/bench/current` in another way
    #[arg(long, value_name = "FOLDER")]
    also: Vec<PathBuf>,
    /// Measures only these functions
    #[arg(long, value_name = "FUNCTION", num_args = 1..)]
    functions: Vec<String>,
    /// The round-trip times to DynamoDB, in milliseconds; one table for each
    #[arg(long, value_name = "MS", num_args = 1.., default_values_t = [0, 5])]
    delays: Vec<u64>,
    /// Uses TLS for the calls to DynamoDB
    #[arg(long)]
    tls: bool,
    /// The number of rounds; the table shows medians
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Measured requests of each process, after 1.5 s of requests that are not measured
    #[arg(long, default_value_t = 1_000)]
    requests: usize,
    /// Cold starts of each candidate in each round
    #[arg(long, default_value_t = 5)]
    starts: usize,
}

/// A binary that is measured, with the requests of a case.
struct Candidate {
    name: String,
    case: usize,
    binary: PathBuf,
}

/// Builds the binaries, measures them, and prints a table for each delay.
pub(super) async fn run(options: Options) -> Result<()> {
    ensure!(options.requests > 0 && options.rounds > 0 && options.starts > 0, "there is nothing to measure");
    let root = Root::of(&binaries::folder())?;
    let store = TestStore::start().await?;
    let wanted = |case: &Case| {
        options.functions.is_empty() || options.functions.iter().any(|name| name == case.function)
    };
    let cases: Vec<_> = cases::all(&Data::new(store.clone())).await?.into_iter().filter(wanted).collect();
    ensure!(!cases.is_empty(), "none of these functions is measured");
    let functions: BTreeSet<_> = cases.iter().map(|case| case.function).collect();
    let bare = binaries::build_bare(&root).await?;
    let current = binaries::build(None, &functions, &root).await?;
    let against = match &options.against {
        Some(commit) => Some(binaries::build(Some(commit), &functions, &root).await?),
        None => None,
    };
    let mut candidates = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let candidate = |name: &str, binary| Candidate { name: name.to_owned(), case: number, binary };
        if number == 0 && case.function == "get-resource" {
            candidates.push(candidate(BARE, bare.clone()));
        }
        if let (Some(folder), Some(commit)) = (&against, &options.against) {
            candidates.push(candidate(commit, folder.join(case.function)));
        }
        for folder in &options.also {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            candidates.push(candidate(name, folder.join(case.function)));
        }
        candidates.push(candidate("now", current.join(case.function)));
    }
    for delay in &options.delays {
        let delay = Duration::from_millis(*delay);
        let rows = measure(&options, &root, &store, &cases, &candidates, delay).await?;
        println!(
            "\n{} ms to the store and back{}:",
            delay.as_millis(),
            if options.tls { ", TLS" } else { "" }
        );
        report::print(&rows, &cases);
    }
    Ok(())
}

/// Measures each candidate in each round; in every second round in reverse order.
async fn measure<'a>(
    options: &Options,
    root: &Root,
    store: &TestStore,
    cases: &[Case],
    candidates: &'a [Candidate],
    delay: Duration,
) -> Result<Vec<Row<'a>>> {
    let (template, bus) = (Template::of_workspace()?, RecordingBus::start(0.0).await?);
    let tls = options.tls.then(|| root.acceptor()).transpose()?;
    let bundle = root.with_system()?.display().to_string();
    let mut stores = Vec::new();
    for _ in candidates {
        let buckets = store.table("RateLimitsTable");
        stores.push(Store::start(store.endpoint(), buckets, delay, tls.clone()).await?);
    }
    let mut samples: Vec<(Vec<Cold>, Vec<Warm>)> = vec![Default::default(); candidates.len()];
    for round in 0..options.rounds {
        let mut order: Vec<_> = (0..candidates.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        // A cold start is slower directly after another binary ran, so the candidates alternate here, too.
        for step in 0..=options.starts {
            for number in order.iter().copied() {
                let (candidate, front) = (&candidates[number], &stores[number]);
                let case = &cases[candidate.case];
                let variables: Vec<_> = variables(&template, store, &front.endpoint(), &bus)
                    .chain([("SSL_CERT_FILE".to_owned(), bundle.clone())])
                    .collect();
                let (mut process, cold) = Process::start(&candidate.binary, case, variables).await?;
                let (colds, warms) = &mut samples[number];
                // The first start is not counted: it records responses, and may read the binary from disk.
                if step == 0 {
                    warms.push(process.warm(options.requests, front).await?);
                } else {
                    colds.push(cold);
                }
            }
        }
    }
    let rows =
        candidates.iter().zip(&samples).map(|(candidate, (colds, warms))| Row::new(candidate, colds, warms));
    rows.collect()
}
