//! Writes lines that refer to records of their own kind later in the file, also in circles.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use resource_api::domain::{ImportRules, ResourceId};
use resource_api::service::Unmet;

use super::job::{Job, record};
use super::lines::Place;
use super::write::Outcome;

/// The number of lines that are written together, and of resources that are looked up together.
const TOGETHER: usize = 100;

/// A line that is written after others.
#[derive(Debug)]
pub(super) struct Deferred {
    pub(super) place: Place,
    pub(super) id: ResourceId,
    pub(super) unmet: Unmet,
}

impl Job {
    /// Writes deferred lines, after all others. Of lines that refer to each other, all or none are written.
    pub(super) async fn write_deferred(
        &self,
        rules: &ImportRules,
        deferred: Vec<Deferred>,
    ) -> Result<Outcome> {
        let own: HashSet<_> = deferred.iter().map(|line| line.id).collect();
        let targets: HashSet<_> = deferred
            .iter()
            .flat_map(|line| &line.unmet.missing)
            .filter(|id| !own.contains(id))
            .copied()
            .collect();
        let targets: Vec<_> = targets.into_iter().collect();
        let mut living = HashSet::new();
        for some in targets.chunks(TOGETHER) {
            let some = some.iter().copied().collect();
            living.extend(self.within_patience(self.service.living(&some)).await?);
        }
        let coming = coming(&deferred, &living);
        let mut all = Outcome::default();
        for some in deferred.chunks(TOGETHER) {
            let mut lines = Vec::new();
            for Deferred { place, .. } in some {
                let Some(line) = self.input.lines(*place)?.next().transpose()? else { continue };
                if let Ok(record) = record(rules, &line)? {
                    lines.push((line, record));
                }
            }
            let outcome = self.write(lines, |id| coming.contains(&id)).await?;
            all.add(outcome);
        }
        // No further line can provide the missing targets.
        for Deferred { place, unmet, .. } in std::mem::take(&mut all.waiting) {
            if let Some(line) = self.input.lines(place)?.next().transpose()? {
                all.refused.push((line, unmet.faults));
            }
        }
        Ok(all)
    }
}

/// The ids of the lines whose missing targets all exist by now, or are the ids of other such lines.
fn coming(deferred: &[Deferred], living: &HashSet<ResourceId>) -> HashSet<ResourceId> {
    let mut coming: HashSet<_> = deferred.iter().map(|line| line.id).collect();
    let mut waiting_for: HashMap<ResourceId, Vec<ResourceId>> = HashMap::new();
    let mut left_out = Vec::new();
    for line in deferred {
        for target in &line.unmet.missing {
            if coming.contains(target) {
                waiting_for.entry(*target).or_default().push(line.id);
            } else if !living.contains(target) {
                left_out.push(line.id);
            }
        }
    }
    while let Some(id) = left_out.pop() {
        if coming.remove(&id) {
            left_out.extend(waiting_for.remove(&id).unwrap_or_default());
        }
    }
    coming
}
