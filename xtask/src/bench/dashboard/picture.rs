//! The dashboard as a picture.

use anyhow::{Context as _, Result};
use charts_rs::{LineChart, Series};

use super::numbers::Numbers;
use crate::bench::picture::Picture;

/// A period of the graphs, in milliseconds.
const PERIOD: u64 = 5_000;
/// The number of graphs in a row.
const COLUMNS: usize = 3;

/// How the values of a period are aggregated.
#[derive(Clone, Copy)]
enum Statistic {
    Sum,
    Maximum,
    /// The value that this percentage of the values does not exceed.
    Percentile(usize),
}

/// A graph: its title, and its lines.
struct Graph(&'static str, &'static [Line]);
/// A line: its label, its metric and the statistic.
struct Line(&'static str, &'static str, Statistic);

const GRAPHS: &[Graph] = &[
    Graph(
        "Requests and errors",
        &[
            Line("requests", "requests", Statistic::Sum),
            Line("4xx", "client_errors", Statistic::Sum),
            Line("5xx", "server_errors", Statistic::Sum),
        ],
    ),
    Graph(
        "Duration (ms)",
        &[
            Line("p50", "duration_ms", Statistic::Percentile(50)),
            Line("p90", "duration_ms", Statistic::Percentile(90)),
            Line("p99", "duration_ms", Statistic::Percentile(99)),
        ],
    ),
    Graph(
        "Limits and refusals",
        &[
            Line("rate_limited", "rate_limited", Statistic::Sum),
            Line("refused_tokens", "refused_tokens", Statistic::Sum),
            Line("unavailable", "unavailable", Statistic::Sum),
        ],
    ),
    Graph(
        "Cold starts and conflicts",
        &[
            Line("cold_starts", "cold_starts", Statistic::Sum),
            Line("conflicts_retried", "conflicts_retried", Statistic::Sum),
        ],
    ),
    Graph(
        "Capacity units",
        &[
            Line("read", "dynamodb_read_units", Statistic::Sum),
            Line("write", "dynamodb_write_units", Statistic::Sum),
        ],
    ),
    Graph(
        "Stream",
        &[
            Line("records", "stream_records", Statistic::Sum),
            Line("age (ms)", "stream_age_ms", Statistic::Maximum),
            Line("failures", "stream_failures", Statistic::Sum),
        ],
    ),
];

/// Draws all graphs in a theme, `light` or `dark`, as SVG.
pub(super) fn draw(numbers: &Numbers, theme: &str) -> Result<String> {
    let (from, to) = numbers.span().context("there are no metrics")?;
    // Without the last period, which is not complete.
    let periods = usize::try_from((to - from) / PERIOD)?;
    let mut picture = Picture::new(COLUMNS);
    for Graph(title, lines) in GRAPHS {
        let series = lines.iter().map(|Line(label, metric, statistic)| {
            let values = numbers.by_period(metric, from, PERIOD, periods);
            Series::new((*label).to_owned(), values.into_iter().map(|it| value(it, *statistic)).collect())
        });
        let seconds = (0..periods as u64).map(|period| format!("{} s", period * PERIOD / 1000)).collect();
        let mut graph = LineChart::new_with_theme(series.collect(), seconds, theme);
        graph.base.series.symbol = None;
        picture.place(&mut graph.base, title)?;
        picture.add(&graph.svg()?);
    }
    Ok(picture.svg())
}

fn value(mut values: Vec<f64>, statistic: Statistic) -> f32 {
    values.sort_by(f64::total_cmp);
    let value = match statistic {
        Statistic::Sum => values.iter().sum(),
        Statistic::Maximum => values.last().copied().unwrap_or_default(),
        Statistic::Percentile(share) => {
            let rank = (share * values.len()).div_ceil(100);
            values.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        }
    };
    #[expect(clippy::cast_possible_truncation, reason = "a picture shows three digits")]
    let value = value as f32;
    value
}
