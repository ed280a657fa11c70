//! Checks records before they are written: unique values that others hold, and references to missing targets.

use std::collections::{HashMap, HashSet};

use super::{ImportService, patiently};
use crate::Error;
use crate::domain::{
    Decision, Fault, Faults, Kind, Refusal, Required, Requirements, Resource, ResourceId, Scope, UniqueValue,
};

/// The faults of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unmet {
    /// Unique values that others hold, and references to missing targets.
    pub faults: Faults,
    /// The missing targets, if all faults are references to the record's own kind. A later line of the file
    /// may create them.
    pub missing: Vec<ResourceId>,
}

/// The decision to store a record, and its requirements on other resources.
pub(super) struct Plan {
    pub(super) decision: Decision,
    pub(super) requirements: Requirements,
}

/// The faults of a record that is too large.
///
/// # Errors
/// Any other error.
pub(super) fn size_faults(error: Error) -> Result<Faults, Error> {
    match error {
        Error::TooLarge(message) => Ok(Fault::body("", "content_too_large", message).into()),
        error => Err(error),
    }
}

impl ImportService {
    /// The faults of each record: its size, conflicts with stored resources, and unique values that it shares
    /// with lines before. References to `present` resources of the same kind are not checked.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn check(
        &self,
        records: &[(&Resource, &[UniqueValue])],
        present: impl Fn(ResourceId) -> bool,
    ) -> Result<Vec<Unmet>, Error> {
        let plans: Vec<_> = records.iter().map(|(record, _)| self.plan(record, &present)).collect();
        let mut unmet = self.unmet(&plans).await?;
        for ((plan, places), (_, repeated)) in plans.iter().zip(&mut unmet).zip(records) {
            let is_repeated = |required: &Required| match required {
                Required::UniqueValue { value, .. } => repeated.contains(value),
                Required::Resource(..) => false,
            };
            let all = plan.requirements.all.iter().enumerate();
            let of_lines: Vec<_> =
                all.filter(|(_, it)| is_repeated(&it.what)).map(|(place, _)| place).collect();
            places.extend(of_lines);
            places.sort_unstable();
            places.dedup();
        }
        let checked = plans.into_iter().zip(unmet).zip(records);
        let checked = checked.map(|((plan, places), (record, _))| {
            let mut unmet = self.faults(plan, &places);
            if let Err(error) = self.writes.resources.check_size(&self.collection.tenant, record) {
                unmet.missing.clear();
                unmet.faults.extend(size_faults(error)?);
            }
            Ok(unmet)
        });
        checked.collect()
    }

    pub(super) fn plan(&self, record: &Resource, present: impl Fn(ResourceId) -> bool) -> Plan {
        let decision = self.decision(record, present);
        Plan { requirements: self.requirements(&decision), decision }
    }

    /// The positions of each plan's violated requirements.
    pub(super) async fn unmet(&self, plans: &[Plan]) -> Result<Vec<Vec<usize>>, Error> {
        let (mut values, mut targets) = (Vec::new(), HashMap::<&'static Kind, HashSet<ResourceId>>::new());
        for required in plans.iter().flat_map(|plan| &plan.requirements.all) {
            match &required.what {
                Required::UniqueValue { value, .. } => values.push(value),
                Required::Resource(scope, id) => {
                    targets.entry(scope.kind()).or_default().insert(*id);
                }
            }
        }
        let taken = patiently(|| self.writes.unique_values.holders(&self.collection, &values)).await?;
        let mut living = HashMap::new();
        for (kind, ids) in targets {
            let mut collection = self.collection.clone();
            collection.kind = kind;
            living.insert(kind, self.living_in(&Scope::all(collection), &ids).await?);
        }
        let is_met = |required: &Required| match required {
            Required::UniqueValue { value, to, .. } => {
                taken.get(value).is_none_or(|holder| Some(*holder) == *to)
            }
            Required::Resource(scope, id) => living.get(scope.kind()).is_some_and(|ids| ids.contains(id)),
        };
        let unmet = |plan: &Plan| {
            let all = plan.requirements.all.iter().enumerate();
            all.filter(|(_, it)| !is_met(&it.what)).map(|(place, _)| place).collect()
        };
        Ok(plans.iter().map(unmet).collect())
    }

    /// The faults of a record whose requirements at some positions are violated.
    pub(super) fn faults(&self, plan: Plan, places: &[usize]) -> Unmet {
        let Plan { decision, requirements } = plan;
        let target = |place: &usize| match requirements.all.get(*place).map(|it| &it.what) {
            Some(Required::Resource(scope, id)) if *scope.kind() == *self.collection.kind => Some(*id),
            _ => None,
        };
        let missing: Option<Vec<_>> = places.iter().map(target).collect();
        let missing = missing.filter(|_| !requirements.are_impossible()).unwrap_or_default();
        let refusals = requirements.refusals(std::slice::from_ref(&decision), places);
        let mut faults = Faults::default();
        for refusal in refusals.into_values() {
            if let Refusal::AlreadyExists(more) | Refusal::ReferenceNotFound(more) = refusal {
                faults.extend(more);
            }
        }
        Unmet { faults, missing }
    }
}
