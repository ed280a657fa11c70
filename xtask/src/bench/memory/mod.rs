//! `cargo xtask bench memory`: the peak memory of each function for its most expensive requests, under the
//! memory limit of the template.

mod requests;

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use testing::{RecordingBus, Template, TestStore};

use crate::bench::data::Data;
use crate::bench::lambda::{Instance, MIB, binary, variables};
use crate::local::target;

/// The memory left for Lambda's own processes in a function's sandbox, in MiB.
const RESERVE: u64 = 16;

/// The options of `bench memory`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The folder of the functions' release binaries [default: target/release]
    #[arg(long)]
    binaries: Option<PathBuf>,
    /// Only this function
    #[arg(long)]
    function: Option<String>,
}

/// Runs each function under its memory limit, and prints the peak for each request. Fails if a process ends,
/// or leaves less than `RESERVE`.
pub(crate) async fn run(options: Options) -> Result<()> {
    let binaries = options.binaries.unwrap_or_else(|| target().join("release"));
    let template = Template::of_workspace()?;
    let functions = template.functions.values();
    let functions =
        functions.filter(|function| options.function.as_ref().is_none_or(|name| *name == function.binary));
    let mut faults = Vec::new();
    let bus = RecordingBus::start(0.0).await?;
    println!(
        "{:<22} {:<46} {:>6} {:>9} {:>8} {:>8}",
        "function", "request", "status", "bytes", "peak", "limit"
    );
    for function in functions {
        let name = &function.binary;
        let binary = binary(&binaries, name)?;
        let store = TestStore::start().await?;
        let data = Data::new(store.clone());
        for request in requests::of(name, &data).await.with_context(|| format!("for {name}"))? {
            let limit = Some(function.memory_size);
            let variables = variables(&template, &store, store.endpoint(), &bus).chain(
                ["RATE_LIMIT_READ", "RATE_LIMIT_WRITE"].map(|limit| (limit.to_owned(), "off".to_owned())),
            );
            let mut instance = Instance::start(&binary, function.memory_size, limit, variables).await?;
            let (status, bytes, peak) = match instance.invoke(request.event).await? {
                Some(invocation) => (invocation.status, invocation.response.len(), instance.peak()?),
                None => ("died".to_owned(), 0, 0),
            };
            println!(
                "{name:<22} {:<46} {status:>6} {bytes:>9} {:>4} MiB {:>4} MiB",
                request.what,
                peak / MIB,
                function.memory_size
            );
            let fits = peak / MIB + RESERVE <= function.memory_size;
            if status == "died" || !fits {
                faults.push(format!("{name} with {}", request.what));
            } else if status != request.status {
                faults.push(format!("{name} with {}: {status}, not {}", request.what, request.status));
            }
        }
    }
    ensure!(faults.is_empty(), "too little memory, or another response: {}", faults.join("; "));
    println!("\nAll functions leave at least {RESERVE} MiB of their memory.");
    Ok(())
}
