//! Runs an import from its start, or from where it was interrupted.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use futures_util::future::LocalBoxFuture;
use indicatif::{ProgressBar, ProgressStyle, WeakProgressBar};
use resource_api::Error;
use resource_api::domain::{Faults, ImportRules, Refusal, Resource, Timestamp};
use resource_api::service::ImportService;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::OnFault;
use super::input::Input;
use super::lines::Line;
use super::position::Position;
use super::report::Report;
use crate::store::{self, FIRST_PATIENCE, Pace};

/// The interval at which progress is printed if standard error is not a terminal.
const INTERVAL: Duration = Duration::from_secs(10);

/// An import.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) service: ImportService,
    pub(super) input: Input,
    pub(super) on_fault: OnFault,
    /// The limit of write units; `None` for no limit.
    pub(super) pace: Option<Pace>,
    /// How long calls are retried if DynamoDB does not respond.
    pub(super) patience: Duration,
}

/// The counts of an import.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Lines that were written.
    pub(super) stored: u64,
    /// Lines whose records were stored before.
    pub(super) there: u64,
    /// Lines that were refused.
    pub(super) refused: u64,
    /// The consumed write capacity units.
    pub(super) write_units: f64,
}

impl Job {
    /// Imports the file from a position on.
    pub(super) async fn run(
        &self,
        mut position: Position,
        report: impl FnOnce(u64) -> Result<Report>,
    ) -> Result<Tally> {
        let digest = &self.input.digest;
        let first = store::within(FIRST_PATIENCE, self.service.first_import(digest)).await?;
        if position.started_at != first {
            // The position is that of another database.
            position = position.anew();
        }
        let mut report = report(position.faults_length)?;
        let started_at = first.unwrap_or_else(Timestamp::now);
        let rules = self.service.rules(started_at);
        if self.on_fault == OnFault::Stop && !position.validated {
            let refused = self.validate(&rules, &mut report).await?;
            ensure!(
                refused == 0,
                "{refused} of {} lines are refused, for the reasons above; nothing is written",
                self.input.lines
            );
            position.validated = true;
        }
        // From here on, the position and the database identify the import by its digest.
        let keep = self.service.keep_first_import(digest, started_at);
        let started_at = self.within_patience(keep).await?;
        position.started_at = Some(started_at);
        position.save()?;
        let rules = self.service.rules(started_at);
        Box::pin(self.write_all(&rules, position, &mut report)).await
    }

    /// Runs calls to DynamoDB, with a deadline after `patience`.
    pub(super) fn within_patience<'a, T: 'a>(
        &self,
        calls: impl Future<Output = Result<T, Error>> + 'a,
    ) -> LocalBoxFuture<'a, Result<T>> {
        store::within(self.patience, calls)
    }

    /// A progress bar for all lines.
    pub(super) fn progress(&self, done: &'static str) -> Result<ProgressBar> {
        let template =
            format!("{{bar:40}} {{human_pos}}/{{human_len}} lines {done}, {{per_sec}}, {{eta}} left");
        let bar = ProgressBar::new(self.input.lines).with_style(ProgressStyle::with_template(&template)?);
        bar.enable_steady_tick(Duration::from_millis(200));
        if !io::stderr().is_terminal() {
            tokio::spawn(say_now_and_then(bar.downgrade(), done));
        }
        Ok(bar)
    }
}

/// Prints the position of a bar at intervals, until the bar is finished.
async fn say_now_and_then(bar: WeakProgressBar, done: &'static str) {
    loop {
        sleep(INTERVAL).await;
        let Some(bar) = bar.upgrade().filter(|bar| !bar.is_finished()) else { return };
        // An import does not depend on its output.
        let _ =
            writeln!(io::stderr(), "{} of {} lines {done}", bar.position(), bar.length().unwrap_or_default());
    }
}

/// The record of a line, or its faults.
pub(super) fn record(rules: &ImportRules, line: &Line) -> Result<Result<Resource, Faults>> {
    match rules.read(line.place.number, &line.bytes) {
        Ok(record) => Ok(Ok(record)),
        Err(Refusal::Invalid(faults)) => Ok(Err(faults)),
        Err(refusal) => Err(anyhow!(Error::from(refusal).chain())),
    }
}
