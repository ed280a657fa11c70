//! The table of results.

use std::fmt;
use std::time::Duration;

use anyhow::Result;

use super::cases::Case;
use super::measure::{Cold, Warm};
use super::{BARE, Candidate};
use crate::bench::lambda::sizes;

/// The connection to DynamoDB.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    /// The round-trip time.
    pub(super) delay: Duration,
    pub(super) tls: bool,
}

/// The measurements over one network.
pub(super) struct Table {
    pub(super) network: Network,
    pub(super) rows: Vec<Row>,
}

/// The medians of a candidate's measurements.
pub(super) struct Row {
    /// The candidate's name.
    pub(super) name: String,
    /// The number of its case.
    pub(super) case: usize,
    pub(super) cold: Cold,
    pub(super) warm: Warm,
    /// The size of the binary, in bytes.
    pub(super) size: usize,
    /// Its compressed size in a deployment package, in bytes.
    pub(super) zipped: usize,
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms{}", self.delay.as_millis(), if self.tls { ", TLS" } else { "" })
    }
}

impl Row {
    pub(super) fn new(candidate: &Candidate, colds: &[Cold], warms: &[Warm]) -> Result<Self> {
        let warm = Warm {
            time: median(warms.iter().map(|warm| warm.time)),
            cpu: median(warms.iter().map(|warm| warm.cpu)),
            memory: median(warms.iter().map(|warm| warm.memory)),
            // The other values hardly differ between rounds.
            ..warms[0]
        };
        let cold = Cold {
            connected: median(colds.iter().map(|cold| cold.connected)),
            secured: median(colds.iter().map(|cold| cold.secured)),
            ready: median(colds.iter().map(|cold| cold.ready)),
            time: median(colds.iter().map(|cold| cold.time)),
            cpu: median(colds.iter().map(|cold| cold.cpu)),
        };
        let (size, zipped) = sizes(&candidate.binary)?;
        Ok(Self { name: candidate.name.clone(), case: candidate.case, cold, warm, size, zipped })
    }
}

impl Table {
    /// Prints the table. Ratios are to the candidate above with the same request, or else to the bare function.
    pub(super) fn print(&self, cases: &[Case]) {
        let rows = &self.rows;
        println!("\nRound trip to DynamoDB {}:", self.network);
        println!(
            "{:<20} {:<24} {:<12} {:>14} {:>14} {:>14} {:>14} {:>14} {:>8} {:>7} {:>7} {:>6} {:>6} {:>6} {:>6} {:>7}",
            "function",
            "request",
            "",
            "ready ms",
            "cold ms",
            "cold CPU ms",
            "warm ms",
            "CPU µs",
            "MiB",
            "binary",
            "zipped",
            "calls",
            "RU",
            "WU",
            "log B",
            "resp B"
        );
        for (number, row) in rows.iter().enumerate() {
            let case = &cases[row.case];
            let baseline = rows[..number].iter().rev().find(|other| other.case == row.case);
            let bare =
                rows.iter().find(|other| other.name == BARE).filter(|_| case.function == "get-resource");
            let baseline = baseline.or(bare).filter(|_| row.name != BARE);
            let column = |value: fn(&Row) -> f64, digits: usize| {
                let ratio = baseline.map(|baseline| format!(" ×{:.2}", value(row) / value(baseline)));
                format!("{:.digits$}{}", value(row), ratio.unwrap_or_default())
            };
            let Warm { memory, logged, response, used, .. } = row.warm;
            println!(
                "{:<20} {:<24} {:<12} {:>14} {:>14} {:>14} {:>14} {:>14} {:>8.1} {:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>6.2} {:>6.0} {:>7}",
                case.function,
                case.what,
                row.name,
                column(|row| milliseconds(row.cold.ready), 1),
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
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

fn median<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<_> = values.collect();
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
