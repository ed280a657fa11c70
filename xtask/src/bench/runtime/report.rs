//! The table of results.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::cases::Case;
use super::measure::{Cold, Warm};
use super::{BARE, Candidate};

/// The medians of a candidate's measurements.
pub(super) struct Row<'a> {
    candidate: &'a Candidate,
    cold: Cold,
    warm: Warm,
    /// The size of the binary, in bytes.
    size: usize,
    /// Its compressed size in a deployment package, in bytes.
    zipped: usize,
}

impl<'a> Row<'a> {
    pub(super) fn new(candidate: &'a Candidate, colds: &[Cold], warms: &[Warm]) -> Result<Self> {
        let warm = Warm {
            time: median(warms.iter().map(|warm| warm.time)),
            cpu: median(warms.iter().map(|warm| warm.cpu)),
            memory: median(warms.iter().map(|warm| warm.memory)),
            // The other values hardly differ between rounds.
            ..warms[0]
        };
        let cold = Cold {
            time: median(colds.iter().map(|cold| cold.time)),
            cpu: median(colds.iter().map(|cold| cold.cpu)),
        };
        let (size, zipped) = sizes(&candidate.binary)?;
        Ok(Self { candidate, cold, warm, size, zipped })
    }
}

/// Prints the table. Ratios are to the candidate above with the same request, or else to the bare function.
pub(super) fn print(rows: &[Row<'_>], cases: &[Case]) {
    println!(
        "{:<20} {:<24} {:<12} {:>14} {:>14} {:>14} {:>14} {:>8} {:>7} {:>7} {:>6} {:>6} {:>6} {:>6} {:>7}",
        "function",
        "request",
        "",
        "cold ms",
        "its CPU ms",
        "warm ms",
        "CPU µs",
        "MiB",
        "binary",
        "zipped",
        "calls",
        "RU",
        "WU",
        "log B",
        "answer"
    );
    for (number, row) in rows.iter().enumerate() {
        let case = &cases[row.candidate.case];
        let baseline = rows[..number].iter().rev().find(|other| other.candidate.case == row.candidate.case);
        let bare = rows
            .iter()
            .find(|other| other.candidate.name == BARE)
            .filter(|_| case.function == "get-resource");
        let baseline = baseline.or(bare).filter(|_| row.candidate.name != BARE);
        let column = |value: fn(&Row<'_>) -> f64, digits: usize| {
            let ratio = baseline.map(|baseline| format!(" ×{:.2}", value(row) / value(baseline)));
            format!("{:.digits$}{}", value(row), ratio.unwrap_or_default())
        };
        let Warm { memory, logged, response, used, .. } = row.warm;
        println!(
            "{:<20} {:<24} {:<12} {:>14} {:>14} {:>14} {:>14} {:>8.1} {:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>6.2} {:>6.0} {:>7}",
            case.function,
            case.what,
            row.candidate.name,
            column(|row| milliseconds(row.cold.time), 1),
            column(|row| milliseconds(row.cold.cpu), 1),
            column(|row| milliseconds(row.warm.time), 2),
            column(|row| milliseconds(row.warm.cpu) * 1e3, 0),
            mebibytes(memory),
            mebibytes(row.size as u64),
            mebibytes(row.zipped as u64),
            used.calls,
            used.read_units,
            used.write_units,
            logged,
            response
        );
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

fn median<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<_> = values.collect();
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The size of a binary, and its compressed size.
fn sizes(binary: &Path) -> Result<(usize, usize)> {
    let binary = fs::read(binary)?;
    let mut archive = DeflateEncoder::new(Vec::new(), Compression::default());
    archive.write_all(&binary)?;
    Ok((binary.len(), archive.finish()?.len()))
}
