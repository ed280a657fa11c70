//! Conditions for changes to be made in one transaction: no other resource holds the unique values that they
//! claim, and the targets of new references exist.

use std::collections::{BTreeMap, HashMap};

use crate::domain::{Decision, Fault, Faults, Kind, Kinds, Refusal, ResourceId, Scope, UniqueValue};

/// The most actions of a `TransactWriteItems` call: DynamoDB's limit.
pub const MAX_ACTIONS: usize = 100;

/// A condition of a transaction besides the versions of its resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The condition.
    pub what: Required,
    /// The positions of the changes that have this requirement.
    asked_by: Vec<usize>,
}

/// A condition on other resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// No resource holds the unique value, except those in `from`.
    UniqueValue {
        /// The value.
        value: UniqueValue,
        /// The resources that release it: more than one only if they shared it before it became unique.
        from: Vec<ResourceId>,
        /// The resource that claims it.
        to: Option<ResourceId>,
    },
    /// The target of a reference exists, is not deleted, and is in the caller's scope.
    Resource(Scope, ResourceId),
}

impl Requirement {
    /// Whether it only releases a unique value.
    pub fn only_releases(&self) -> bool {
        matches!(self.what, Required::UniqueValue { to: None, .. })
    }
}

/// The requirements of changes that are made in one transaction.
#[derive(Debug, Default)]
pub struct Requirements {
    /// The requirements that the transaction checks, each once.
    pub all: Vec<Requirement>,
    /// Requirements that are violated whatever is stored.
    impossible: Unmet,
}

impl Requirements {
    /// The requirements of changes to resources of `own_kind`. `scope` returns the resources of a kind that
    /// references may point to, or `None` if they may point to none.
    pub fn of(
        own_kind: &Kind,
        decisions: &[Decision],
        kinds: Kinds,
        scope: impl Fn(&'static Kind) -> Option<Scope>,
    ) -> Self {
        let mut values: HashMap<&UniqueValue, Passing> = HashMap::new();
        let mut references: BTreeMap<(&str, ResourceId), Vec<usize>> = BTreeMap::new();
        let mut impossible = Unmet::default();
        for (place, decision) in decisions.iter().enumerate() {
            for value in &decision.given_up {
                let order = values.len();
                values.entry(value).or_insert(Passing::new(order)).from.push(decision.effect.id());
            }
            for value in &decision.taken {
                let order = values.len();
                let passing = values.entry(value).or_insert(Passing::new(order));
                if passing.to.is_some() {
                    impossible.value(value, place);
                } else {
                    passing.to = Some((decision.effect.id(), place));
                }
            }
            for reference in &decision.references {
                let asked_by = references.entry((reference.kind, reference.id)).or_default();
                if asked_by.last() != Some(&place) {
                    asked_by.push(place);
                }
            }
        }
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_unstable_by_key(|(_, passing)| passing.order);
        let mut all: Vec<_> = values.into_iter().map(|(value, passing)| passing.of(value)).collect();
        for ((name, id), asked_by) in references {
            let Some(kind) = kinds.find(name) else { continue };
            // The transaction writes or checks these resources anyway, at the version that was read.
            let changed = decisions.iter().find(|decision| decision.effect.id() == id && own_kind == kind);
            match (changed.map(|decision| decision.effect.resource().is_some()), scope(kind)) {
                (Some(true), _) => {}
                (None, Some(scope)) => {
                    all.push(Requirement { what: Required::Resource(scope, id), asked_by });
                }
                _ => asked_by.iter().for_each(|place| impossible.reference(decisions, *place, kind, id)),
            }
        }
        Self { all, impossible }
    }

    /// Whether one of them is violated whatever is stored.
    pub fn are_impossible(&self) -> bool {
        !self.impossible.0.is_empty()
    }

    /// The refusals of the changes, by position, if the requirements at `not_met` are violated.
    pub fn refusals(self, decisions: &[Decision], not_met: &[usize]) -> BTreeMap<usize, Refusal> {
        let mut unmet = self.impossible;
        for Requirement { what, asked_by } in not_met.iter().filter_map(|place| self.all.get(*place)) {
            for place in asked_by {
                match what {
                    Required::UniqueValue { value, .. } => unmet.value(value, *place),
                    Required::Resource(scope, id) => unmet.reference(decisions, *place, scope.kind(), *id),
                }
            }
        }
        unmet.refusals()
    }
}

/// The resources that release and claim a value.
struct Passing {
    /// Its position among the values of the transaction.
    order: usize,
    from: Vec<ResourceId>,
    to: Option<(ResourceId, usize)>,
}

impl Passing {
    fn new(order: usize) -> Self {
        Self { order, from: Vec::new(), to: None }
    }

    fn of(self, value: &UniqueValue) -> Requirement {
        let Self { order: _, from, to } = self;
        let asked_by = to.iter().map(|(_, place)| *place).collect();
        let what = Required::UniqueValue { value: value.clone(), from, to: to.map(|(resource, _)| resource) };
        Requirement { what, asked_by }
    }
}

/// The faults of each change, by its position: unique values that others hold, and references to missing
/// targets.
#[derive(Debug, Default)]
struct Unmet(BTreeMap<usize, (Faults, Faults)>);

impl Unmet {
    fn value(&mut self, value: &UniqueValue, place: usize) {
        let (taken, _) = self.0.entry(place).or_default();
        let message = format!("Another resource has the same {}", value.fields.join(" and "));
        // `created_by` is not a field of the request body, so no fault can point to it.
        let sent: Vec<_> = value.fields.iter().filter(|name| **name != "created_by").collect();
        if sent.is_empty() {
            taken.add(|| Fault::body("", "already_exists", message.clone()));
        }
        for name in sent {
            taken.add(|| Fault::body(format!("/{name}"), "already_exists", message.clone()));
        }
    }

    fn reference(&mut self, decisions: &[Decision], place: usize, kind: &Kind, id: ResourceId) {
        let (_, missing) = self.0.entry(place).or_default();
        let references = decisions.get(place).map(|decision| &decision.references[..]).unwrap_or_default();
        for reference in references.iter().filter(|it| it.kind == kind.name && it.id == id) {
            let message = format!("There is no such {}", kind.singular);
            missing.add(|| Fault::body(reference.pointer.clone(), "reference_not_found", message));
        }
    }

    fn refusals(self) -> BTreeMap<usize, Refusal> {
        let refusal = |(mut taken, missing): (Faults, Faults)| {
            if taken.is_empty() {
                return Refusal::ReferenceNotFound(missing);
            }
            taken.extend(missing);
            Refusal::AlreadyExists(taken)
        };
        self.0.into_iter().map(|(place, faults)| (place, refusal(faults))).collect()
    }
}
