//! The dashboard as a picture.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use charts_rs::{Align, Box, LineChart, Series};

use super::numbers::Numbers;

/// A period of the graphs, in milliseconds.
const PERIOD: u64 = 5_000;
/// Graphs beside each other.
const COLUMNS: usize = 3;
/// The size of a graph, and of the gap to the next one.
const WIDTH: f32 = 400.0;
const HEIGHT: f32 = 230.0;
const GAP: f32 = 12.0;

/// How the values of a period become one.
#[derive(Clone, Copy)]
enum Statistic {
    Sum,
    Maximum,
    Percentile(f64),
}

/// The graphs: a title, and of each line the label, the metric and its statistic.
const GRAPHS: &[(&str, &[(&str, &str, Statistic)])] = &[
    (
        "Requests and errors",
        &[
            ("requests", "requests", Statistic::Sum),
            ("4xx", "client_errors", Statistic::Sum),
            ("5xx", "server_errors", Statistic::Sum),
        ],
    ),
    (
        "Duration (ms)",
        &[
            ("p50", "duration_ms", Statistic::Percentile(0.5)),
            ("p90", "duration_ms", Statistic::Percentile(0.9)),
            ("p99", "duration_ms", Statistic::Percentile(0.99)),
        ],
    ),
    (
        "Limits and refusals",
        &[
            ("rate_limited", "rate_limited", Statistic::Sum),
            ("refused_tokens", "refused_tokens", Statistic::Sum),
            ("unavailable", "unavailable", Statistic::Sum),
        ],
    ),
    (
        "Cold starts and conflicts",
        &[
            ("cold_starts", "cold_starts", Statistic::Sum),
            ("conflicts_retried", "conflicts_retried", Statistic::Sum),
        ],
    ),
    (
        "Capacity units",
        &[
            ("read", "dynamodb_read_units", Statistic::Sum),
            ("write", "dynamodb_write_units", Statistic::Sum),
        ],
    ),
    (
        "Stream",
        &[
            ("records", "stream_records", Statistic::Sum),
            ("age (ms)", "stream_age_ms", Statistic::Maximum),
            ("failures", "stream_failures", Statistic::Sum),
        ],
    ),
];

/// Draws all graphs in a theme, `light` or `dark`, as SVG.
pub(super) fn draw(numbers: &Numbers, theme: &str) -> Result<String> {
    let (from, to) = numbers.span().context("there are no metrics")?;
    // Periods are few; the last one is not complete.
    let periods = usize::try_from((to - from) / PERIOD)?;
    let mut graphs = String::new();
    let (mut width, mut height) = (0.0, 0.0);
    for (number, (title, lines)) in GRAPHS.iter().enumerate() {
        let series = lines.iter().map(|(label, metric, statistic)| {
            let values = numbers.by_period(metric, from, PERIOD, periods);
            Series::new((*label).to_owned(), values.into_iter().map(|it| value(it, *statistic)).collect())
        });
        let seconds = (0..periods as u64).map(|period| format!("{} s", period * PERIOD / 1000)).collect();
        let mut graph = LineChart::new_with_theme(series.collect(), seconds, theme);
        let base = &mut graph.base;
        let (column, row) = (number % COLUMNS, number / COLUMNS);
        (base.width, base.height) = (WIDTH, HEIGHT);
        (base.x, base.y) = (column as f32 * (WIDTH + GAP), row as f32 * (HEIGHT + GAP));
        (width, height) = (base.x.max(width), base.y.max(height));
        base.margin = Box { left: 8.0, top: 6.0, right: 12.0, bottom: 2.0 };
        base.font_family = "sans-serif".to_owned();
        base.title.text = (*title).to_owned();
        base.title.font.size = 15.0;
        base.title.align = Align::Left;
        base.legend.align = Align::Left;
        base.legend.margin = Some(Box { top: 24.0, ..Box::default() });
        base.series.symbol = None;
        graphs.push_str(&graph.svg()?);
        graphs.push('\n');
    }
    let (width, height) = (width + WIDTH, height + HEIGHT);
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">"
    );
    svg.push_str(&graphs);
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn value(mut values: Vec<f64>, statistic: Statistic) -> f32 {
    values.sort_by(f64::total_cmp);
    let value = match statistic {
        Statistic::Sum => values.iter().sum(),
        Statistic::Maximum => values.last().copied().unwrap_or_default(),
        Statistic::Percentile(share) => {
            let rank = (share * values.len() as f64).ceil() as usize;
            values.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        }
    };
    value as f32
}
