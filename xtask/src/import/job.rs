//! An import from its beginning, or from where it was left, to its end.

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

/// How often progress is printed where no terminal shows it.
const INTERVAL: Duration = Duration::from_secs(10);

/// An import.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) service: ImportService,
    pub(super) input: Input,
    pub(super) on_fault: OnFault,
    /// How fast it may write; `None` as fast as it can.
    pub(super) pace: Option<Pace>,
    /// How long a store that does not answer is waited for.
    pub(super) patience: Duration,
}

/// What became of lines.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Those that were written.
    pub(super) stored: u64,
    /// Those that were there.
    pub(super) there: u64,
    /// Those that were refused.
    pub(super) refused: u64,
    /// The write capacity units that they took.
    pub(super) write_units: f64,
}

impl Job {
    /// Imports the file from a position on. Gives what became of its lines.
    pub(super) async fn run(
        &self,
        mut position: Position,
        report: impl FnOnce(u64) -> Result<Report>,
    ) -> Result<Tally> {
        let digest = &self.input.digest;
        let first = store::within(FIRST_PATIENCE, self.service.first_import(digest)).await?;
        if position.started_at != first {
            // It is one of another database.
            position = position.anew();
        }
        let mut report = report(position.faults_length)?;
        let started_at = first.unwrap_or_else(Timestamp::now);
        let rules = self.service.rules(started_at);
        if self.on_fault == OnFault::Stop && !position.validated {
            let refused = self.validate(&rules, &mut report).await?;
            ensure!(
                refused == 0,
                "{refused} of {} lines are refused, as printed above; nothing is written",
                self.input.lines
            );
            position.validated = true;
        }
        // From here on it is known by its digest, here and to the database.
        let keep = self.service.keep_first_import(digest, started_at);
        let started_at = self.within_patience(keep).await?;
        position.started_at = Some(started_at);
        position.save()?;
        let rules = self.service.rules(started_at);
        Box::pin(self.write_all(&rules, position, &mut report)).await
    }

    /// Gives calls to the store so much time.
    pub(super) fn within_patience<'a, T: 'a>(
        &self,
        calls: impl Future<Output = Result<T, Error>> + 'a,
    ) -> LocalBoxFuture<'a, Result<T>> {
        store::within(self.patience, calls)
    }

    /// A bar for all lines.
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

/// Prints how far a bar is that no terminal shows, until it has ended.
async fn say_now_and_then(bar: WeakProgressBar, done: &'static str) {
    loop {
        sleep(INTERVAL).await;
        let Some(bar) = bar.upgrade().filter(|bar| !bar.is_finished()) else { return };
        // Whether anybody reads it decides nothing.
        let _ =
            writeln!(io::stderr(), "{} of {} lines {done}", bar.position(), bar.length().unwrap_or_default());
    }
}

/// The record of a line, or what is wrong with it.
pub(super) fn record(rules: &ImportRules, line: &Line) -> Result<Result<Resource, Faults>> {
    match rules.read(line.place.number, &line.bytes) {
        Ok(record) => Ok(Ok(record)),
        Err(Refusal::Invalid(faults)) => Ok(Err(faults)),
        Err(refusal) => Err(anyhow!(Error::from(refusal).chain())),
    }
}
