//! `cargo xtask bench costs`: what each operation consumes and costs, and whether it consumes more than is
//! recorded.

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

/// A line of API Gateway's access log, in bytes (docs/operations.md).
const ACCESS_LOG: f64 = 140.0;
/// The estimated duration of an invocation, in seconds: the CPU time of a read at the CPU share of a function
/// with 256 MB, and two concurrent calls to DynamoDB.
const SECONDS: f64 = 0.010;

/// The options of `bench costs`.
#[derive(clap::Args)]
pub(super) struct Options {
    /// The folder of the functions' binaries. Their sizes are compared, so build them as `.ci/run` does:
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
    /// What the operation and the stream processing after it consume: for a frequent caller, and for others.
    taken: [Taken; 2],
}

/// Counts what the operations consume, and prints the page. Then writes the page, or fails if an operation
/// consumes more than is recorded.
pub(super) async fn run(options: Options) -> Result<()> {
    let binaries = workspace().join(options.binaries);
    let template = Template::of_workspace()?;
    let store = TestStore::start().await?;
    let data = Data::new(store.clone());
    let bus = RecordingBus::start(0.0).await?;
    let runner = Runner { binaries: &binaries, template: &template, store, bus };
    let memory = template.functions.values().find(|it| it.binary == "get-resource");
    let memory = memory.context("template.yaml has no function get-resource")?.memory_size;

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

/// The rate limiter's writes for each request of a caller that sends ten a second.
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
            "For a caller of ten requests a second, the limiter writes {reads:.2} times for each read, {writes:.2} times for each write.\n"
        );
        Ok(Self { reads, writes })
    }
}

/// What an operation consumes, with this number of requests to API Gateway.
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
