//! The first pass over a file: finds all faults that can be found before a line is written.

use std::cell::RefCell;

use anyhow::Result;
use futures_util::{StreamExt as _, stream};
use resource_api::domain::{Fault, Faults, ImportRules, Repeats, Resource, ResourceId, UniqueValue};
use resource_api::service::Presence;

use super::chunks::chunks;
use super::job::{Job, record};
use super::lines::{Line, Place};
use super::report::Report;

/// The number of chunks that are validated concurrently.
const CONCURRENCY: usize = 4;

/// A line to be checked against the database.
struct Candidate {
    line: Line,
    record: Resource,
    /// The unique values that earlier lines have, too.
    repeated: Vec<UniqueValue>,
}

/// The result for a line with faults.
enum Verdict {
    Refused(Line, Faults),
    /// It refers to resources of its own kind that do not exist. Other lines may create them.
    Waits(Line, Faults, Vec<ResourceId>),
}

impl Job {
    /// Reports every refused line. Returns their number.
    pub(super) async fn validate(&self, rules: &ImportRules, report: &mut Report) -> Result<u64> {
        let bar = self.progress("validated")?;
        let repeats = RefCell::new(Repeats::default());
        let mut refused = 0;
        let mut open: Vec<Place> = Vec::new();
        let checks = chunks(self.input.lines(Place::START)?).map(|chunk| {
            let lines = chunk?;
            let last = lines.last().map(|line| line.place.number).unwrap_or_default();
            let (wrong, candidates) = candidates(rules, lines, &repeats)?;
            Ok::<_, anyhow::Error>(async move {
                Ok::<_, anyhow::Error>((last, wrong, self.check(candidates, |_| false).await?))
            })
        });
        let mut checks = stream::iter(checks).map(|check| async { check?.await }).buffered(CONCURRENCY);
        while let Some(checked) = checks.next().await {
            let (last, mut verdicts, of_store) = checked?;
            verdicts.extend(of_store);
            verdicts.sort_by_key(Verdict::number);
            for verdict in verdicts {
                match verdict {
                    Verdict::Waits(line, _, missing)
                        if !missing.iter().all(|id| repeats.borrow().has(*id)) =>
                    {
                        open.push(line.place);
                    }
                    Verdict::Waits(..) => {}
                    Verdict::Refused(line, faults) => {
                        refused += 1;
                        report.refuse(&line, &faults, &bar)?;
                    }
                }
            }
            bar.set_position(last);
        }
        drop(checks);
        refused += self.validate_open(rules, &open, &repeats.into_inner(), report, &bar).await?;
        bar.finish_and_clear();
        Ok(refused)
    }

    /// Checks lines again whose targets were in no line that was read by then.
    async fn validate_open(
        &self,
        rules: &ImportRules,
        open: &[Place],
        brought: &Repeats,
        report: &mut Report,
        bar: &indicatif::ProgressBar,
    ) -> Result<u64> {
        let mut refused = 0;
        for place in open {
            let Some(line) = self.input.lines(*place)?.next().transpose()? else { continue };
            let Ok(record) = record(rules, &line)? else { continue };
            let candidate = Candidate { line, record, repeated: Vec::new() };
            for verdict in self.check(vec![candidate], |id| brought.has(id)).await? {
                let (Verdict::Refused(line, faults) | Verdict::Waits(line, faults, _)) = verdict;
                refused += 1;
                report.refuse(&line, &faults, bar)?;
            }
        }
        Ok(refused)
    }

    /// Checks lines against the database. References to `present` resources of their own kind are not
    /// checked.
    async fn check(
        &self,
        candidates: Vec<Candidate>,
        present: impl Fn(ResourceId) -> bool + Copy,
    ) -> Result<Vec<Verdict>> {
        let mut verdicts = Vec::new();
        let records: Vec<_> = candidates.iter().map(|candidate| &candidate.record).collect();
        let presence = self.within_patience(self.service.presence(&records)).await?;
        let mut absent = Vec::new();
        for (candidate, presence) in candidates.into_iter().zip(presence) {
            match presence {
                Presence::Absent => absent.push(candidate),
                Presence::Same => {}
                Presence::Other(_) => verdicts.push(Verdict::Refused(candidate.line, Presence::fault())),
            }
        }
        let asked = absent.iter().map(|candidate| (&candidate.record, &*candidate.repeated));
        let asked: Vec<_> = asked.collect();
        let unmet = self.within_patience(self.service.check(&asked, present)).await?;
        for (Candidate { line, .. }, unmet) in absent.into_iter().zip(unmet) {
            if !unmet.missing.is_empty() {
                verdicts.push(Verdict::Waits(line, unmet.faults, unmet.missing));
            } else if !unmet.faults.is_empty() {
                verdicts.push(Verdict::Refused(line, unmet.faults));
            }
        }
        Ok(verdicts)
    }
}

impl Verdict {
    fn number(&self) -> u64 {
        let (Self::Refused(line, _) | Self::Waits(line, ..)) = self;
        line.place.number
    }
}

/// Checks lines by themselves and against earlier lines. Returns refused lines, and those to check further.
fn candidates(
    rules: &ImportRules,
    lines: Vec<Line>,
    repeats: &RefCell<Repeats>,
) -> Result<(Vec<Verdict>, Vec<Candidate>)> {
    let (mut wrong, mut candidates) = (Vec::new(), Vec::new());
    let mut repeats = repeats.borrow_mut();
    for line in lines {
        match record(rules, &line)? {
            Err(faults) => wrong.push(Verdict::Refused(line, faults)),
            Ok(record) if !repeats.is_first(record.id) => {
                wrong.push(Verdict::Refused(line, repeated_id()));
            }
            Ok(record) => {
                let repeated = repeats.repeated(&UniqueValue::all_of(&record));
                candidates.push(Candidate { line, record, repeated });
            }
        }
    }
    Ok((wrong, candidates))
}

/// The fault of a line whose id an earlier line has.
pub(super) fn repeated_id() -> Faults {
    Fault::body("/id", "repeated", "A line before this one has the same id").into()
}
