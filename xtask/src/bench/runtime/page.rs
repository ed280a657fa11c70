//! The figures and pictures of `docs/performance.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};
use charts_rs::{BarChart, NIL_VALUE, Series};
use resource_api::domain::Timestamp;

use super::cases::Case;
use super::measure::Warm;
use super::report::{Network, Row, Table, mebibytes, milliseconds};
use super::{BARE, NOW, Options, Setup};
use crate::bench::picture::{Picture, THEMES};
use crate::generate::region;
use crate::local::{in_workspace, workspace};

const PAGE: &str = "docs/performance.md";
/// The network of the table of requests.
const AT_ONCE: Network = Network { delay: Duration::ZERO, tls: false };

/// What the page shows.
pub(super) fn setups() -> Vec<Setup> {
    let functions = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    vec![
        Setup {
            functions: functions(&["get-resource", "list-resources", "create-resource"]),
            delays: vec![0],
            tls: false,
        },
        Setup { functions: functions(&["get-resource"]), delays: vec![0, 5], tls: true },
    ]
}

/// Writes the figures into the page, and the pictures beside it.
pub(super) async fn write(tables: &[Table], cases: &[Case], options: &Options) -> Result<()> {
    let file = workspace().join(PAGE);
    let page = fs::read_to_string(&file)?;
    let figures = figures(tables, cases, options, &machine().await?)?;
    fs::write(&file, region::replace(&page, "figures", &figures)?)?;
    for theme in THEMES {
        let file = workspace().join(format!("docs/images/performance-{theme}.svg"));
        fs::write(&file, picture(tables, cases, theme)?)?;
    }
    Ok(())
}

fn figures(tables: &[Table], cases: &[Case], options: &Options, machine: &str) -> Result<String> {
    let mut text = String::new();
    writeln!(
        text,
        "
{machine}. Medians of {} rounds of {} requests, and of {} starts in each. \"Before\" is commit {}. Factors are relative to the bare function, and for
other requests than a read by id to \"before\".
",
        options.rounds,
        options.requests,
        options.starts,
        options.against.as_deref().unwrap_or_default()
    )?;
    let table = tables.iter().find(|table| table.network == AT_ONCE).context("no such table")?;
    requests(&mut text, &table.rows, cases)?;
    text.push_str("\nA read by id:\n\n");
    networks(&mut text, tables)?;
    text.push('\n');
    sizes(&mut text, &table.rows, cases)?;
    text.push('\n');
    Ok(text)
}

fn requests(text: &mut String, rows: &[Row], cases: &[Case]) -> Result<()> {
    text.push_str(
        "| request | function | warm | CPU | memory | DynamoDB calls | read units | write units | log bytes | response bytes |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows {
        let case = cases.get(row.case).context("no such case")?;
        let reference = reference(rows, row, case.function == "get-resource");
        let Warm { time, cpu, memory, logged, response, used } = row.warm;
        writeln!(
            text,
            "| {} | {} | {:.2} ms{} | {:.0} µs{} | {:.1} MiB | {:.2} | {:.2} | {:.2} | {logged:.0} | {response} |",
            case.name(),
            shown(row),
            milliseconds(time),
            factor(reference, row, |row| row.warm.time),
            milliseconds(cpu) * 1e3,
            factor(reference, row, |row| row.warm.cpu),
            mebibytes(memory),
            used.calls,
            used.read_units,
            used.write_units,
        )?;
    }
    Ok(())
}

fn networks(text: &mut String, tables: &[Table]) -> Result<()> {
    text.push_str(
        "| round trip to DynamoDB | function | connected | TLS established | ready | first response | CPU until then | warm |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for Table { network, rows } in tables {
        for row in rows.iter().filter(|row| row.case == 0) {
            let reference = reference(rows, row, true);
            let secured =
                if network.tls { format!("{:.1} ms", milliseconds(row.cold.secured)) } else { String::new() };
            writeln!(
                text,
                "| {network} | {} | {:.1} ms | {secured} | {:.1} ms | {:.1} ms{} | {:.1} ms{} | {:.2} ms{} |",
                shown(row),
                milliseconds(row.cold.connected),
                milliseconds(row.cold.ready),
                milliseconds(row.cold.time),
                factor(reference, row, |row| row.cold.time),
                milliseconds(row.cold.cpu),
                factor(reference, row, |row| row.cold.cpu),
                milliseconds(row.warm.time),
                factor(reference, row, |row| row.warm.time),
            )?;
        }
    }
    Ok(())
}

fn sizes(text: &mut String, rows: &[Row], cases: &[Case]) -> Result<()> {
    text.push_str("| binary | function | size | in its package |\n| --- | --- | --- | --- |\n");
    let mut done = BTreeSet::new();
    for row in rows {
        let function = cases.get(row.case).context("no such case")?.function;
        if done.insert((function, &row.name)) {
            let [size, zipped] = [row.size, row.zipped].map(|bytes| mebibytes(bytes as u64));
            let name = if row.name == BARE { "bare-function" } else { function };
            writeln!(text, "| {name} | {} | {size:.1} MiB | {zipped:.1} MiB |", shown(row))?;
        }
    }
    Ok(())
}

/// The row that factors are relative to: the bare function for reads by id, otherwise the commit before.
fn reference<'a>(rows: &'a [Row], row: &Row, is_read: bool) -> Option<&'a Row> {
    let bare = rows.iter().find(|it| it.name == BARE).filter(|_| is_read);
    bare.or_else(|| rows.iter().find(|it| it.case == row.case && it.name != NOW))
}

fn factor(reference: Option<&Row>, row: &Row, value: fn(&Row) -> Duration) -> String {
    match reference.filter(|reference| reference.name != row.name) {
        None => String::new(),
        Some(reference) => format!(" (× {:.2})", value(row).as_secs_f64() / value(reference).as_secs_f64()),
    }
}

fn shown(row: &Row) -> &str {
    if [BARE, NOW].contains(&row.name.as_str()) { &row.name } else { "before" }
}

/// Two graphs: the CPU time of requests, and the time to the first response.
fn picture(tables: &[Table], cases: &[Case], theme: &str) -> Result<String> {
    let requests = tables.iter().find(|table| table.network == AT_ONCE).context("no such table")?;
    let of_functions = |bars: &dyn Fn(&str) -> Vec<f32>| {
        [BARE, "before", NOW].map(|name| Series::new(name.to_owned(), bars(name))).to_vec()
    };
    let mut numbers: Vec<_> = requests.rows.iter().map(|row| row.case).collect();
    numbers.dedup();
    let cpu = of_functions(&|function| {
        let of = |case: &usize| requests.rows.iter().find(|row| row.case == *case && shown(row) == function);
        numbers.iter().map(|case| of(case).map_or(NIL_VALUE, |row| milli(row.warm.cpu) * 1e3)).collect()
    });
    let first = of_functions(&|function| {
        let is = |row: &&Row| row.case == 0 && shown(row) == function;
        tables.iter().filter_map(|table| table.rows.iter().find(is)).map(|row| milli(row.cold.time)).collect()
    });
    let names: Vec<_> = numbers.iter().filter_map(|case| cases.get(*case)).map(Case::name).collect();
    let networks = tables.iter().map(|table| table.network.to_string()).collect();
    let mut picture = Picture::new(2);
    for (title, series, categories) in
        [("CPU time of a request (µs)", cpu, names), ("First response of a process (ms)", first, networks)]
    {
        let mut graph = BarChart::new_with_theme(series, categories, theme);
        picture.place(&mut graph.base, title)?;
        picture.add(&graph.svg()?);
    }
    Ok(picture.svg())
}

#[expect(clippy::cast_possible_truncation, reason = "a picture shows three digits")]
fn milli(time: Duration) -> f32 {
    milliseconds(time) as f32
}

/// The day, and the machine.
async fn machine() -> Result<String> {
    let line = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        line.trim_matches([' ', '\t', ':', '=', '"']).to_owned()
    };
    let rustc = in_workspace("rustc").arg("--version").output().await?;
    let rustc = String::from_utf8(rustc.stdout)?;
    let rustc = rustc.split(' ').nth(1).unwrap_or_default().to_owned();
    let today = Timestamp::now().to_string();
    Ok(format!(
        "On {}: {} virtual processors ({}, {}), {}, Rust {rustc}",
        today.split('T').next().unwrap_or_default(),
        std::thread::available_parallelism()?,
        std::env::consts::ARCH,
        line("/proc/cpuinfo", "model name"),
        line("/etc/os-release", "PRETTY_NAME"),
    ))
}
