//! Runs the commands of docs/kinds.md in a copy of the workspace. Checks that a new kind is one new file and
//! one line.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::client;
use super::dev::Dev;
use super::documentation::{Documentation, expect, script};
use crate::local::{in_workspace, target, workspace};

const PAGE: &str = "docs/kinds.md";
const TITLE: &str = "## A kind in five minutes";
const OPERATIONS: &str = "docs/operations.md";
const DEAD_LETTERS: &str = "### Dead letters";
const TABLE: &str = "kinds/src/lib.rs";
/// How long it may take until an edit is served, and one request during the build.
const REBUILD_TIMEOUT: Duration = Duration::from_mins(10);
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// The time from a change to its dead letter: six attempts.
const DEAD_LETTER_TIMEOUT: Duration = Duration::from_mins(5);
/// Folders that are not copied.
const LEFT_OUT: [&str; 2] = ["target", ".git"];

/// Files by their paths within a folder.
type Texts = BTreeMap<PathBuf, Vec<u8>>;

/// Runs the page's commands, until its kind is served.
pub(super) async fn follow_the_page(
    documentation: &mut Documentation,
    folder: &Path,
    pass: &mut impl FnMut(&str),
) -> Result<()> {
    let copy = folder.join("workspace");
    let before = texts(&workspace())?;
    write_texts(&before, &copy)?;
    let mut shell = within(&copy, "bash");
    let status = shell
        .args(["-c", &format!("set -euo pipefail\n{}", documentation.take(PAGE, TITLE)?)])
        .status()
        .await?;
    ensure!(status.success(), "the commands of {PAGE} ended with {status}");
    one_file_and_one_line(before, &texts(&copy)?)?;
    pass("the kind of docs/kinds.md is one new file and one line");
    // Dead letters of an earlier run would be taken for those of this one.
    let _ = fs::remove_dir_all(target().join("kinds-page/dev"));
    // Events go to a closed port, so the resources that follow become dead letters.
    let mut program = within(&copy, "bash");
    let start = documentation.take(OPERATIONS, DEAD_LETTERS)?;
    program.args(["-c", &format!("{start} \"$@\""), "bash"]);
    let mut dev = Dev::start_as(program, folder).await?;
    let wanted = [
        "\"name\":\"Launch\",\"status\":\"open\",\"due_on\":\"2026-12-01\"",
        "\"data\":[{\"id\":\"",
        "\"pointer\":\"/name\",\"code\":\"too_short\"",
        "\"pointer\":\"/due_on\",\"code\":\"invalid_format\"",
        "\"pointer\":\"/colour\",\"code\":\"unknown_field\"",
        "\"exhaustive\":true",
    ];
    documentation.run(&dev, (PAGE, TITLE), 1, &wanted).await?;
    pass("the commands of docs/kinds.md");
    list_dead_letters(&documentation.take(OPERATIONS, DEAD_LETTERS)?, &copy).await?;
    pass("events that cannot be sent become dead letters");
    fs::copy(&dev.log, folder.join("dev.log"))?;
    let queries = documentation.take(OPERATIONS, "## When an alarm fires")?;
    expect(&script(&dev, &queries).current_dir(folder).output().await?, &["publish-events"])?;
    pass("the queries over the log of dev");
    take_out_resources(&copy, &dev.url()).await?;
    pass("a kind that is removed from the table while dev runs is no longer served");
    dev.interrupt().await
}

/// Waits until the command lists a dead letter of `publish-events`.
async fn list_dead_letters(command: &str, copy: &Path) -> Result<()> {
    let deadline = Instant::now() + DEAD_LETTER_TIMEOUT;
    loop {
        let output = within(copy, "bash").args(["-c", command]).output().await?;
        expect(&output, &[])?;
        if String::from_utf8_lossy(&output.stdout).contains("publish-events") {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "there is no dead letter: {output:?}");
        sleep(Duration::from_secs(5)).await;
    }
}

/// Removes `resources` from the table of kinds, and waits until only `projects` is served.
async fn take_out_resources(copy: &Path, url: &str) -> Result<()> {
    let table = copy.join(TABLE);
    let before = fs::read_to_string(&table)?;
    let after = before.replace("    resources::RESOURCES,\n", "");
    ensure!(before != after, "{TABLE} has no line with `resources::RESOURCES,`");
    fs::write(&table, after)?;
    let client = client()?;
    let deadline = Instant::now() + REBUILD_TIMEOUT;
    loop {
        // Requests may fail during the build.
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
        ensure!(Instant::now() < deadline, "resources and projects respond with {statuses:?}");
        sleep(Duration::from_secs(1)).await;
    }
}

/// A program in a folder, with its own target folder. That folder is kept for the next run.
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
        Ok(String::from_utf8(text.with_context(|| format!("{TABLE} is missing"))?.clone())?.lines().count())
    };
    ensure!(
        lines(after.get(table))? == lines(before.get(table))? + 1,
        "{TABLE} does not have exactly one line more"
    );
    before.remove(table);
    let changed: Vec<_> =
        before.iter().filter(|(path, text)| after.get(*path) != Some(text)).map(|it| it.0).collect();
    ensure!(changed.is_empty(), "changed: {changed:?}");
    Ok(())
}

/// The files below a folder, by their paths within it.
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
