//! `cargo xtask bench costs`: what each operation consumes and costs, and whether that has grown.

mod count;
mod operations;
mod page;
mod prices;
mod recorded;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use testing::{RecordingBus, Template, TestStore};

use self::count::{Counted, Runner};
use self::operations::{CREATE, Change, Operation, READ};
use self::prices::Taken;
use self::recorded::Recorded;
use crate::bench::data::Data;
use crate::local::workspace;

/// The line of the gateway's access log, in bytes (docs/operations.md).
const ACCESS_LOG: f64 = 140.0;
/// The estimated duration of an invocation, in seconds: the CPU time of a read at the share of a processor that 256 MB have, and two
/// calls to DynamoDB at the same time.
const SECONDS: f64 = 0.010;

/// What `bench costs` can be told.
#[derive(clap::Args)]
pub(super) struct Options {
    /// The folder of the functions' binaries. Build them as `.ci/run` does, for their sizes are compared:
    /// `CARGO_PROFILE_RELEASE_LTO=off cargo lambda build --release --bins`
    #[arg(long, default_value = "target/lambda")]
    binaries: PathBuf,
    /// Writes docs/costs.md and docs/costs.json, instead of comparing with them
    #[arg(long)]
    write: bool,
}

/// A line of the table.
struct Line {
    name: &'static str,
    counted: Counted,
    /// What it consumes together with what follows it: for a frequent caller, and for others.
    taken: [Taken; 2],
}

/// Counts, prints the page, and writes it or fails where an operation takes more than it did.
pub(super) async fn run(options: Options) -> Result<()> {
    let binaries = workspace().join(options.binaries);
    let template = Template::of_workspace()?;
    let store = TestStore::start().await?;
    let data = Data::new(store.clone());
    let bus = RecordingBus::start(0.0).await?;
    let runner = Runner { binaries: &binaries, template: &template, store, bus };
    let memory = template.functions.values().find(|it| it.binary == "get-resource");
    let memory = memory.context("the template has no get-resource")?.memory_size;

    let requests = operations::requests(&data).await?;
    let mut counted = Vec::new();
    for request in &requests {
        counted.push(runner.count(request).await?);
    }
    let often = Limiter::measure(&runner, &requests, &counted).await?;
    let mut lines = Vec::new();
    let mut afterwards = Vec::new();
    for change in [Change::Presence, Change::Content] {
        let operation = operations::change(&data, change).await?;
        let counted = runner.count(&operation).await?;
        let taken = taken(counted, 0.0, memory)?;
        afterwards.push((change, Line { name: operation.name, counted, taken: [taken; 2] }));
    }
    for (request, counted) in requests.iter().zip(counted) {
        let mut follows = Taken::default();
        if let Some((count, change)) = request.changes
            && let Some((_, line)) = afterwards.iter().find(|(of, _)| *of == change)
        {
            follows = line.taken[0] * f64::from(count);
        }
        let seldom = taken(counted, 1.0, memory)? + follows;
        let writes = match (request.takes_one_token, &request.changes) {
            (false, _) => 1.0,
            (true, None) => often.reads,
            (true, Some(_)) => often.writes,
        };
        let often = Taken { write_units: seldom.write_units - (1.0 - writes), ..seldom };
        lines.push(Line { name: request.name, counted, taken: [often, seldom] });
    }
    lines.extend(afterwards.into_iter().map(|(_, line)| line));

    let page = page::write(&lines, memory)?;
    println!("{page}");
    let recorded = Recorded::of(lines.iter().map(|line| (line.name, line.counted)), &binaries)?;
    if options.write {
        fs::write(workspace().join("docs/costs.md"), page)?;
        recorded.write()
    } else {
        recorded.compare()
    }
}

/// The limiter's writes for each request of a caller that sends ten a second.
struct Limiter {
    reads: f64,
    writes: f64,
}

impl Limiter {
    async fn measure(runner: &Runner<'_>, requests: &[Operation], counted: &[Counted]) -> Result<Self> {
        let of = async |name: &str| {
            let found = requests.iter().zip(counted).find(|(request, _)| request.name == name);
            let (request, counted) = found.context("no such operation")?;
            runner.limiter_writes(request, counted.used.calls).await
        };
        let (reads, writes) = (of(READ).await?, of(CREATE).await?);
        println!(
            "The limiter writes {reads:.2} times for a read of a caller of ten requests a second, and {writes:.2} times for a write.\n"
        );
        Ok(Self { reads, writes })
    }
}

/// What an operation takes, with so many requests to the gateway.
fn taken(counted: Counted, gateway_requests: f64, memory: u64) -> Result<Taken> {
    Ok(Taken {
        gateway_requests,
        invocations: 1.0,
        gb_seconds: SECONDS * f64::from(u32::try_from(memory)?) / 1024.0,
        read_units: counted.used.read_units,
        write_units: counted.used.write_units,
        logged_bytes: counted.logged + gateway_requests * ACCESS_LOG,
        sent_bytes: counted.sent,
    })
}
