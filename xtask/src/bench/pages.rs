//! Measures and compares the cost of pages of lists.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use resource_api::cache::Freshness;
use resource_api::domain::{Caller, ListRequest, PageStart, Timestamp};
use resource_api::service::ReadService;
use resource_api::telemetry::usage::{self, Usage};

/// The ratio by which the capacity units of pages may differ.
const TOLERANCE: f64 = 0.10;
/// How often each page is read; the time printed is the median.
const SAMPLES: usize = 21;

/// A page that was read.
pub(super) struct Measured {
    name: String,
    usage: Usage,
    time: Duration,
}

/// Reads a page, which must be full.
pub(super) async fn measure(
    service: &ReadService,
    caller: &Caller,
    name: &str,
    request: &ListRequest,
) -> Result<Measured> {
    let mut times = Vec::new();
    let mut used = Usage::default();
    for _ in 0..SAMPLES {
        let started = Instant::now();
        let (page, usage) =
            usage::measured(Box::pin(service.list(caller, request, Freshness::Cached, Timestamp::now())))
                .await;
        times.push(started.elapsed());
        let rows = page?.rows.len();
        ensure!(rows == request.limit, "{name} has {rows} rows, not {}", request.limit);
        used = usage;
    }
    times.sort_unstable();
    Ok(Measured { name: name.to_owned(), usage: used, time: times[SAMPLES / 2] })
}

/// Follows cursors to a page, and returns the request for it.
pub(super) async fn walk(
    service: &ReadService,
    caller: &Caller,
    mut request: ListRequest,
    depth: usize,
) -> Result<ListRequest> {
    for _ in 1..depth {
        let page = service.list(caller, &request, Freshness::Cached, Timestamp::now()).await?;
        let next = page.cursor_after(page.rows.len()).context("the list ends before the deep page")?;
        request.start = PageStart::Cursor(next);
    }
    Ok(request)
}

/// Prints the calls and units of pages. Fails if those of a page differ from those of the first.
pub(super) fn compare(title: &str, pages: &[Measured]) -> Result<()> {
    println!("\n{title}, on the embedded DynamoDB:\n");
    println!("{:<40} {:>8} {:>12} {:>10}", "page", "calls", "read units", "median");
    for page in pages {
        let Measured { name, usage, time } = page;
        println!("{name:<40} {:>8} {:>12} {time:>10.1?}", usage.operations(), usage.read_units);
    }
    let [first, others @ ..] = pages else { return Ok(()) };
    for other in others {
        let ratio = other.usage.read_units / first.usage.read_units;
        ensure!(
            other.usage.calls == first.usage.calls,
            "{} takes other calls than {}",
            other.name,
            first.name
        );
        ensure!(
            (ratio - 1.0).abs() <= TOLERANCE,
            "{} takes {ratio:.2} times the read units of {}",
            other.name,
            first.name
        );
    }
    println!("\nAll take the same calls, and the same read units within {:.0}%.", TOLERANCE * 100.0);
    Ok(())
}
