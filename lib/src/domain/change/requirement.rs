//! What changes that are made together ask of other resources: unique values that nobody else has, and references that lead
//! somewhere.

use std::collections::{BTreeMap, HashMap};

use crate::domain::{Caller, Decision, Fault, Faults, Kind, Kinds, Refusal, ResourceId, Scope, UniqueValue};

/// The most actions of a `TransactWriteItems` call: `DynamoDB`'s limit.
pub const MAX_ACTIONS: usize = 100;

/// Something that must hold for changes to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// What must hold.
    pub what: Required,
    /// The places of the changes that ask for it.
    asked_by: Vec<usize>,
}

/// What must hold for changes to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// A unique value is nobody's, or that of a resource that has it before or afterwards.
    UniqueValue {
        /// The value.
        value: UniqueValue,
        /// The resources that give it up: more than one only where they shared it before it was unique.
        from: Vec<ResourceId>,
        /// The resource that takes it.
        to: Option<ResourceId>,
    },
    /// A resource is there, not deleted, and the caller may see it.
    Resource(Scope, ResourceId),
}

impl Requirement {
    /// Whether it asks for nothing but that a value is given up.
    pub fn only_gives_up(&self) -> bool {
        matches!(self.what, Required::UniqueValue { to: None, .. })
    }
}

/// What changes that are made together ask of other resources.
#[derive(Debug, Default)]
pub struct Requirements {
    /// Each once.
    pub all: Vec<Requirement>,
    /// What cannot hold, whatever is stored.
    impossible: Unmet,
}

impl Requirements {
    /// What some changes of resources of `own_kind` ask for, when `caller` makes them.
    pub fn of(own_kind: &Kind, decisions: &[Decision], kinds: Kinds, caller: &Caller) -> Self {
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
            // What is changed together with it is there at the version that was read.
            let changed = decisions.iter().find(|decision| decision.effect.id() == id && own_kind == kind);
            match (changed.map(|decision| decision.effect.resource().is_some()), caller.scope(kind)) {
                (Some(true), _) => {}
                (None, Some(scope)) => {
                    all.push(Requirement { what: Required::Resource(scope, id), asked_by });
                }
                _ => asked_by.iter().for_each(|place| impossible.reference(decisions, *place, kind, id)),
            }
        }
        Self { all, impossible }
    }

    /// Whether some of it cannot hold, whatever is stored.
    pub fn are_impossible(&self) -> bool {
        !self.impossible.0.is_empty()
    }

    /// Why the changes are refused, by their places, when the requirements at `not_met` are not met.
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

/// The resources that a value passes from and to.
struct Passing {
    /// When the value was met.
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

/// What is wrong with each change: values that are taken, and references that lead nowhere.
#[derive(Debug, Default)]
struct Unmet(BTreeMap<usize, (Faults, Faults)>);

impl Unmet {
    fn value(&mut self, value: &UniqueValue, place: usize) {
        let (taken, _) = self.0.entry(place).or_default();
        let message = format!("Another resource has the same {}", value.fields.join(" and "));
        // Nobody sends who creates a resource.
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
