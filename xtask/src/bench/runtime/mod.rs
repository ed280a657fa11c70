//! `cargo xtask bench runtime`: measures cold starts and warm requests of release binaries, with stand-ins
//! for Lambda's Runtime API and for DynamoDB. The candidates take turns, so that changes in the machine's
//! load affect them alike.

mod binaries;
mod cases;
mod certificate;
mod measure;
mod page;
mod report;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use testing::{RecordingBus, Template, TestStore};

use self::cases::Case;
use self::certificate::Root;
use self::measure::{Cold, Process, Warm};
use self::report::{Network, Row, Table};
use crate::bench::counting_store::{Responses, Store};
use crate::bench::data::Data;
use crate::bench::lambda::variables;

/// The name of the bare function in the table.
const BARE: &str = "bare";
/// The name of the workspace as it is.
const NOW: &str = "now";

/// The options of `bench runtime`.
#[derive(clap::Args)]
pub(super) struct Options {
    /// Also measures the functions of this commit, and prints ratios to them
    #[arg(long, value_name = "COMMIT")]
    against: Option<String>,
    /// Also measures the binaries in this folder, built from `target/bench/current` in another way
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
    /// Measures the figures of docs/performance.md, and writes them and its pictures
    #[arg(long, requires = "against", conflicts_with_all = ["also", "functions", "delays", "tls"])]
    write: bool,
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

/// Functions, and how they reach DynamoDB.
struct Setup {
    functions: Vec<String>,
    delays: Vec<u64>,
    tls: bool,
}

/// A binary that is measured, with the requests of a case.
struct Candidate {
    name: String,
    case: usize,
    binary: PathBuf,
}

/// The folders of the binaries.
struct Binaries {
    bare: PathBuf,
    others: Vec<(String, PathBuf)>,
}

/// Builds the binaries, measures them, and prints a table for each delay.
pub(super) async fn run(options: Options) -> Result<()> {
    ensure!(
        options.requests > 0 && options.rounds > 0 && options.starts > 0,
        "--rounds, --requests and --starts must be at least 1"
    );
    let root = Root::of(&binaries::folder())?;
    let store = TestStore::start().await?;
    let cases = cases::all(&Data::new(store.clone())).await?;
    let setups = if options.write { page::setups() } else { vec![Setup::of(&options)] };
    let functions: BTreeSet<_> =
        cases.iter().map(|case| case.function).filter(|name| setups.iter().any(|it| it.has(name))).collect();
    ensure!(!functions.is_empty(), "--functions names no function that has a case");
    let binaries = build(&options, &functions, &root).await?;
    let mut tables = Vec::new();
    for setup in setups {
        let candidates = candidates(&setup, &cases, &binaries);
        for delay in &setup.delays {
            let network = Network { delay: Duration::from_millis(*delay), tls: setup.tls };
            let rows = measure(&options, &root, &store, &cases, &candidates, network).await?;
            let table = Table { network, rows };
            table.print(&cases);
            tables.push(table);
        }
    }
    if options.write { page::write(&tables, &cases, &options).await } else { Ok(()) }
}

impl Setup {
    fn of(options: &Options) -> Self {
        Self { functions: options.functions.clone(), delays: options.delays.clone(), tls: options.tls }
    }

    fn has(&self, function: &str) -> bool {
        self.functions.is_empty() || self.functions.iter().any(|name| name == function)
    }
}

async fn build(options: &Options, functions: &BTreeSet<&str>, root: &Root) -> Result<Binaries> {
    let bare = binaries::build_bare(root).await?;
    let current = binaries::build(None, functions, root).await?;
    let mut others = Vec::new();
    if let Some(commit) = &options.against {
        others.push((commit.clone(), binaries::build(Some(commit), functions, root).await?));
    }
    for folder in &options.also {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        others.push((name.to_owned(), folder.clone()));
    }
    others.push((NOW.to_owned(), current));
    Ok(Binaries { bare, others })
}

fn candidates(setup: &Setup, cases: &[Case], binaries: &Binaries) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (number, case) in cases.iter().enumerate().filter(|(_, case)| setup.has(case.function)) {
        let candidate = |name: &str, binary| Candidate { name: name.to_owned(), case: number, binary };
        if number == 0 {
            candidates.push(candidate(BARE, binaries.bare.clone()));
        }
        let of_folder = |(name, folder): &(String, PathBuf)| candidate(name, folder.join(case.function));
        candidates.extend(binaries.others.iter().map(of_folder));
    }
    candidates
}

/// Measures each candidate in each round; in every second round in reverse order.
async fn measure(
    options: &Options,
    root: &Root,
    store: &TestStore,
    cases: &[Case],
    candidates: &[Candidate],
    network: Network,
) -> Result<Vec<Row>> {
    let (template, bus) = (Template::of_workspace()?, RecordingBus::start(0.0).await?);
    let tls = network.tls.then(|| root.acceptor()).transpose()?;
    let bundle = root.with_system()?.display().to_string();
    let mut stores = Vec::new();
    for _ in candidates {
        let buckets_table = store.table("RateLimitsTable");
        let responses = Responses::Repeated { delay: network.delay, buckets_table };
        stores.push(Store::start(store.endpoint(), responses, tls.clone()).await?);
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
                let (mut process, cold) =
                    Process::start(&candidate.binary, (case, network.delay), front, variables).await?;
                let (colds, warms) = &mut samples[number];
                // The first start is not counted: it records responses, and may read the binary from disk.
                if step == 0 {
                    warms.push(process.warm(options.requests).await?);
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
