//! Ends a program and its descendants.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// How long a program may take to end after SIGINT.
const GRACE: Duration = Duration::from_secs(5);

/// The process ids of all descendants of `root`.
pub(crate) async fn descendants(root: u32) -> Result<HashSet<i32>> {
    let listing =
        Command::new("ps").args(["-e", "-o", "pid=,ppid="]).output().await.context("cannot run ps")?;
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    let pairs: Vec<(i32, i32)> = listing
        .lines()
        .filter_map(|line| {
            let mut columns = line.split_whitespace().map(str::parse);
            Some((columns.next()?.ok()?, columns.next()?.ok()?))
        })
        .collect();
    let mut found = HashSet::new();
    let mut parents = vec![i32::try_from(root)?];
    while let Some(parent) = parents.pop() {
        for (pid, _) in pairs.iter().filter(|(_, of)| *of == parent) {
            if found.insert(*pid) {
                parents.push(*pid);
            }
        }
    }
    Ok(found)
}

/// Ends a program and its descendants: with SIGINT, then SIGTERM, then SIGKILL.
pub(crate) async fn end(child: &mut Child) -> Result<()> {
    let Some(root) = child.id() else { return Ok(()) };
    let below = descendants(root).await?;
    signal(i32::try_from(root)?, Signal::INT);
    let _ = timeout(GRACE, child.wait()).await;
    for ask in [Signal::TERM, Signal::KILL] {
        for pid in below.iter().filter(|pid| is_running(**pid)) {
            signal(*pid, ask);
        }
        let mut waits = 20;
        while waits > 0 && below.iter().any(|pid| is_running(*pid)) {
            sleep(Duration::from_millis(50)).await;
            waits -= 1;
        }
    }
    if child.try_wait()?.is_none() {
        child.kill().await?;
    }
    Ok(())
}

/// Sends a signal. It is no error if the process has ended already.
pub(crate) fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, signal);
    }
}

/// Whether a process with this id exists.
pub(crate) fn is_running(pid: i32) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| test_kill_process(pid).is_ok())
}
