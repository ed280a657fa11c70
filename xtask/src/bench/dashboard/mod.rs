//! `cargo xtask bench dashboard`: puts load on `dev`, and reads the metrics in its log lines as CloudWatch
//! does. The metrics must add up to the load. They also give the picture of the dashboard in the
//! documentation.

mod load;
mod numbers;
mod picture;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use self::numbers::Numbers;
use super::picture::THEMES;
use crate::e2e::{Dev, this_program};
use crate::local::{target, workspace};

/// Where the pictures are, within the workspace.
const PICTURES: &str = "docs/images";
/// The faults that are injected during the load, so that the graphs show some.
const FAULTS: &str = "throttle=0.01,conflict=0.02,latency=15";

/// The options of `bench dashboard`.
#[derive(clap::Args)]
pub(super) struct Options {
    /// How long the load lasts, in seconds
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// Writes the pictures of the documentation, in docs/images, instead of target/dashboard
    #[arg(long)]
    write: bool,
}

/// Runs the load, compares the metrics with it, and draws the metrics.
pub(super) async fn run(options: Options) -> Result<()> {
    let folder = target().join("dashboard");
    fs::create_dir_all(&folder)?;
    let mut program = this_program("dev");
    program
        .args(["--memory", "--json", "--faults", FAULTS])
        .envs([("METRICS", "true"), ("SERVICE_NAME", "resource-api"), ("RUST_LOG", "error")])
        .env("RATE_LIMIT_READ_USER", "10:4");
    let mut dev = Dev::start_as(program, &folder).await?;
    let sent = load::run(&dev.url(), Duration::from_secs(options.seconds)).await?;
    dev.interrupt().await?;
    let lines = fs::read_to_string(&dev.log)?;
    let of_load = Numbers::of_lines(lines.lines().filter(|line| line.contains(load::MARK)))?;
    println!("{:<24} {:>12} {:>12}", "metric", "sum", "of the load");
    let mut differ = Vec::new();
    for (metric, expected) in sent.counts() {
        let sum = of_load.sum(metric);
        println!("{metric:<24} {sum:>12} {expected:>12}");
        if (sum - expected).abs() > 0.0 {
            differ.push(metric);
        }
    }
    ensure!(differ.is_empty(), "the metrics differ from the load in {differ:?}");
    let all = Numbers::of_lines(lines.lines())?;
    let images = if options.write { workspace().join(PICTURES) } else { folder };
    fs::create_dir_all(&images)?;
    for theme in THEMES {
        let file: PathBuf = images.join(format!("dashboard-{theme}.svg"));
        fs::write(&file, picture::draw(&all, theme)?).with_context(|| file.display().to_string())?;
        println!("wrote {}", file.display());
    }
    Ok(())
}
