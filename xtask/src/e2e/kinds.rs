//! The commands of docs/kinds.md, in a copy of the workspace: a kind of one's own is one new file and one line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::dev::Dev;
use super::{client, commands, run_commands};
use crate::local::{in_workspace, target, workspace};

const PAGE: &str = "docs/kinds.md";
const TITLE: &str = "## A kind in five minutes";
const TABLE: &str = "kinds/src/lib.rs";
/// How long an edit may take until it is served, and one request while it is built.
const REBUILD_TIMEOUT: Duration = Duration::from_mins(10);
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// What is no part of the workspace, or is made anew.
const LEFT_OUT: [&str; 2] = ["target", ".git"];

/// Files by their paths within a folder.
type Texts = BTreeMap<PathBuf, Vec<u8>>;

/// Follows the page from nothing to a kind that answers.
pub(super) async fn follow_the_page(folder: &Path, pass: &mut impl FnMut(&str)) -> Result<()> {
    let copy = folder.join("workspace");
    let before = texts(&workspace())?;
    write_texts(&before, &copy)?;
    let mut shell = within(&copy, "bash");
    let status =
        shell.args(["-c", &format!("set -euo pipefail\n{}", commands(PAGE, TITLE, 0)?)]).status().await?;
    ensure!(status.success(), "the commands of {PAGE} ended with {status}");
    one_file_and_one_line(before, &texts(&copy)?)?;
    pass("a kind by docs/kinds.md is one new file and one line");
    let mut program = within(&copy, "cargo");
    program.args(["xtask", "dev", "--memory"]);
    let mut dev = Dev::start_as(program, folder).await?;
    let wanted = [
        "\"name\":\"Launch\",\"status\":\"open\",\"due_on\":\"2026-12-01\"",
        "\"data\":[{\"id\":\"",
        "\"pointer\":\"/name\",\"code\":\"too_short\"",
        "\"pointer\":\"/due_on\",\"code\":\"invalid_format\"",
        "\"pointer\":\"/colour\",\"code\":\"unknown_field\"",
        "\"exhaustive\":true",
    ];
    run_commands(&dev.url(), &commands(PAGE, TITLE, 1)?, &wanted).await?;
    pass("the commands of docs/kinds.md");
    take_out_resources(&copy, &dev.url()).await?;
    pass("a table without resources, edited while dev runs, serves the kind that is left");
    dev.interrupt().await
}

/// Takes the line of `resources` out of the table, and waits until what is served is what the table says then.
async fn take_out_resources(copy: &Path, url: &str) -> Result<()> {
    let table = copy.join(TABLE);
    let before = fs::read_to_string(&table)?;
    let after = before.replace("    resources::RESOURCES,\n", "");
    ensure!(before != after, "resources are in no line of {TABLE}");
    fs::write(&table, after)?;
    let client = client()?;
    let deadline = Instant::now() + REBUILD_TIMEOUT;
    loop {
        // While it builds anew, it may not answer.
        let statuses = async {
            let mut statuses = Vec::new();
            for kind in ["resources", "projects"] {
                let request = client.get(format!("{url}/api/{kind}")).timeout(REQUEST_TIMEOUT);
                statuses.push(request.send().await?.status().as_u16());
            }
            Ok::<_, reqwest::Error>(statuses)
        };
        let statuses = statuses.await;
        if matches!(statuses.as_deref(), Ok([404, 200])) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "resources and projects answer {statuses:?}");
        sleep(Duration::from_secs(1)).await;
    }
}

/// A program in a folder, with a target folder of its own that is kept: what it builds is not this workspace's.
fn within(folder: &Path, program: &str) -> Command {
    let mut command = in_workspace(program);
    command.current_dir(folder).env("CARGO_TARGET_DIR", target().join("kinds-page"));
    command
}

fn one_file_and_one_line(mut before: Texts, after: &Texts) -> Result<()> {
    let new: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    ensure!(new == [Path::new("kinds/src/projects.rs")], "new files: {new:?}");
    let table = Path::new(TABLE);
    let lines = |text: Option<&Vec<u8>>| -> Result<usize> {
        Ok(String::from_utf8(text.context("there is no table of kinds")?.clone())?.lines().count())
    };
    ensure!(lines(after.get(table))? == lines(before.get(table))? + 1, "more than one line");
    before.remove(table);
    let changed: Vec<_> =
        before.iter().filter(|(path, text)| after.get(*path) != Some(text)).map(|it| it.0).collect();
    ensure!(changed.is_empty(), "changed: {changed:?}");
    Ok(())
}

/// Every file below a folder, by its path within.
fn texts(folder: &Path) -> Result<Texts> {
    let (mut texts, mut folders) = (BTreeMap::new(), vec![PathBuf::new()]);
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(folder.join(&inner))? {
            let entry = entry?;
            let path = inner.join(entry.file_name());
            if LEFT_OUT.iter().any(|left_out| path == Path::new(left_out)) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if entry.file_type()?.is_file() {
                texts.insert(path, fs::read(entry.path())?);
            }
        }
    }
    Ok(texts)
}

fn write_texts(texts: &Texts, to: &Path) -> Result<()> {
    for (path, text) in texts {
        let file = to.join(path);
        fs::create_dir_all(file.parent().unwrap_or(to))?;
        fs::write(file, text)?;
    }
    Ok(())
}
