//! The pass that writes, chunk by chunk. The lines of a chunk are written concurrently, unless one depends on
//! another.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context as _, Result, bail};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use resource_api::domain::{Faults, ImportRules, Repeats, Resource, ResourceId, UniqueValue};
use resource_api::service::{Imported, Presence, Unmet};
use resource_api::telemetry::usage;

use super::OnFault;
use super::chunks::chunks;
use super::deferred::Deferred;
use super::job::{Job, Tally, record};
use super::lines::{Line, Place};
use super::position::Position;
use super::report::Report;
use super::validate::repeated_id;

/// The number of concurrent writes.
const CONCURRENCY: usize = 16;

/// The result of writing lines.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    stored: u64,
    there: u64,
    write_units: f64,
    pub(super) refused: Vec<(Line, Faults)>,
    /// Lines that refer to resources of their own kind that do not exist yet.
    pub(super) waiting: Vec<Deferred>,
}

impl Outcome {
    /// Adds the result of more lines.
    pub(super) fn add(&mut self, mut more: Self) {
        self.stored += more.stored;
        self.there += more.there;
        self.write_units += more.write_units;
        self.refused.append(&mut more.refused);
        self.waiting.append(&mut more.waiting);
    }
}

impl Job {
    /// Writes the records from a position on.
    pub(super) async fn write_all(
        &self,
        rules: &ImportRules,
        mut position: Position,
        report: &mut Report,
    ) -> Result<Tally> {
        let bar = self.progress("imported")?;
        let (start, skips) = (position.place, self.on_fault == OnFault::Skip);
        let mut ids = self.ids_before(rules, start)?;
        let (mut tally, mut deferred) = (position.tally, Vec::new());
        for lines in chunks(self.input.lines(start)?) {
            let lines = lines?;
            let next = lines.last().map_or(start, |line| line.next);
            let (mut good, mut refused) = (Vec::new(), Vec::new());
            for line in lines {
                match record(rules, &line)? {
                    Err(faults) => refused.push((line, faults)),
                    Ok(record) if skips && !ids.is_first(record.id) => refused.push((line, repeated_id())),
                    Ok(record) => good.push((line, record)),
                }
            }
            let mut outcome = self.write(good, |_| false).await.with_context(|| {
                format!("run the same command again to resume at line {}", position.place.number)
            })?;
            outcome.refused.append(&mut refused);
            deferred.append(&mut outcome.waiting);
            self.note(&mut tally, outcome, report, &bar)?;
            bar.set_position(next.number - 1);
            // The position stays before the first deferred line, which is written last.
            if deferred.is_empty() {
                position.place = next;
                position.tally = tally;
                position.faults_length = report.length()?;
                position.save()?;
            }
        }
        let outcome = self.write_deferred(rules, deferred).await?;
        self.note(&mut tally, outcome, report, &bar)?;
        bar.finish_and_clear();
        position.end()?;
        Ok(tally)
    }

    /// The ids of the lines before a place, which no other line may have. If all lines are validated, it is
    /// empty, since no id is repeated.
    fn ids_before(&self, rules: &ImportRules, place: Place) -> Result<Repeats> {
        let mut ids = Repeats::default();
        if self.on_fault == OnFault::Skip {
            for line in self.input.lines(Place::START)? {
                let line = line?;
                if line.place.number >= place.number {
                    break;
                }
                if let Ok(record) = record(rules, &line)? {
                    ids.is_first(record.id);
                }
            }
        }
        Ok(ids)
    }

    /// Reports refused lines in the order of the file, and adds the counts.
    fn note(
        &self,
        tally: &mut Tally,
        mut outcome: Outcome,
        report: &mut Report,
        bar: &indicatif::ProgressBar,
    ) -> Result<()> {
        outcome.refused.sort_by_key(|(line, _)| line.place.number);
        for (line, faults) in &outcome.refused {
            report.refuse(line, faults, bar)?;
        }
        tally.stored += outcome.stored;
        tally.there += outcome.there;
        tally.refused += outcome.refused.len() as u64;
        tally.write_units += outcome.write_units;
        if self.on_fault == OnFault::Stop && !outcome.refused.is_empty() {
            bail!(
                "the lines above were refused only when they were written; {} lines are stored",
                tally.stored + tally.there
            );
        }
        Ok(())
    }

    /// Writes the records of these lines. References to `present` resources of the same kind are not checked.
    pub(super) async fn write(
        &self,
        lines: Vec<(Line, Resource)>,
        present: impl Fn(ResourceId) -> bool + Copy,
    ) -> Result<Outcome> {
        let records: Vec<_> = lines.iter().map(|(_, record)| record).collect();
        let presence = self.within_patience(self.service.presence(&records)).await?;
        let mut done = BTreeMap::new();
        let (mut at_once, mut in_order, mut taken) = (Vec::new(), Vec::new(), HashSet::new());
        for (place, ((_, record), presence)) in lines.iter().zip(presence).enumerate() {
            match presence {
                Presence::Same => {
                    done.insert(place, Imported::AlreadyThere);
                }
                Presence::Other(_) => {
                    let unmet = Unmet { faults: Presence::fault(), missing: Vec::new() };
                    done.insert(place, Imported::Refused(unmet));
                }
                Presence::Absent => {
                    // Of two lines with the same unique value, the first one must get it.
                    let values = UniqueValue::all_of(record);
                    let is_free = !values.iter().any(|value| taken.contains(value));
                    taken.extend(values);
                    if is_free { at_once.push(place) } else { in_order.push(place) }
                }
            }
        }
        let write = async |place: usize| {
            let (_, record) = lines.get(place).context("there is no such line")?;
            let (imported, units) = self.write_one(record, present).await?;
            Ok::<_, anyhow::Error>((place, imported, units))
        };
        let mut write_units = 0.0;
        let mut writes = stream::iter(at_once.into_iter().map(write)).buffer_unordered(CONCURRENCY);
        while let Some((place, imported, units)) = writes.try_next().await? {
            write_units += units;
            match imported {
                // Another of these lines may create the target.
                Imported::Refused(unmet) if !unmet.missing.is_empty() => in_order.push(place),
                imported => {
                    done.insert(place, imported);
                }
            }
        }
        drop(writes);
        in_order.sort_unstable();
        for place in in_order {
            let (place, imported, units) = write(place).await?;
            write_units += units;
            done.insert(place, imported);
        }
        let mut outcome = Outcome { write_units, ..Outcome::default() };
        for ((line, record), imported) in lines.into_iter().zip(done.into_values()) {
            match imported {
                Imported::Stored => outcome.stored += 1,
                Imported::AlreadyThere => outcome.there += 1,
                Imported::Refused(unmet) if unmet.missing.is_empty() => {
                    outcome.refused.push((line, unmet.faults));
                }
                Imported::Refused(unmet) => {
                    outcome.waiting.push(Deferred { place: line.place, id: record.id, unmet });
                }
            }
        }
        Ok(outcome)
    }

    /// Writes a record at the rate of `pace`. Returns the consumed write units as well.
    async fn write_one(
        &self,
        record: &Resource,
        present: impl Fn(ResourceId) -> bool,
    ) -> Result<(Imported, f64)> {
        let expected = match &self.pace {
            Some(pace) => pace.turn().await,
            None => 0.0,
        };
        let write = self.within_patience(self.service.write(record, present));
        let (imported, usage) = usage::measured(write).await;
        if let Some(pace) = &self.pace {
            pace.took(usage.write_units, expected);
        }
        Ok((imported?, usage.write_units))
    }
}
