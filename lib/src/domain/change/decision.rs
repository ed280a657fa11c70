//! A decided change: its effect on the resource, and its requirements on other resources.

use crate::domain::{Effect, Field, FieldValue, Pointer, Resource, ResourceId, UniqueValue};

/// A decided change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The effect on the resource.
    pub effect: Effect,
    /// The subject that created the resource.
    pub created_by: String,
    /// The unique values that the resource gains.
    pub taken: Vec<UniqueValue>,
    /// The unique values that it loses.
    pub given_up: Vec<UniqueValue>,
    /// The new references whose targets must exist.
    pub references: Vec<RequiredReference>,
}

/// A reference whose target must exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredReference {
    /// The place of the reference in the resource, as a JSON Pointer.
    pub pointer: String,
    /// The kind that it refers to.
    pub kind: &'static str,
    /// The id that it refers to.
    pub id: ResourceId,
}

impl Decision {
    /// The decision to apply `effect` to `before`, which is `None` for a new resource.
    pub fn of(before: Option<&Resource>, effect: Effect) -> Self {
        let after = match &effect {
            Effect::Stored(after) | Effect::Imported(after, _) => Some(after),
            Effect::Unchanged(_) => before,
            Effect::Purged(..) => None,
        };
        let values = |resource: Option<&Resource>| resource.map(UniqueValue::all_of).unwrap_or_default();
        let (had, has) = (values(before), values(after));
        Self {
            created_by: after.or(before).map(|it| it.created_by.clone()).unwrap_or_default(),
            taken: has.iter().filter(|value| !had.contains(value)).cloned().collect(),
            given_up: had.into_iter().filter(|value| !has.contains(value)).collect(),
            references: after.map(|after| new_references(before, after)).unwrap_or_default(),
            effect,
        }
    }

    /// Whether it requires nothing of other resources, so that it needs no transaction.
    pub fn stands_alone(&self) -> bool {
        self.taken.is_empty() && self.given_up.is_empty() && self.references.is_empty()
    }
}

/// The references of `after` that `before` does not have and whose targets must exist.
fn new_references(before: Option<&Resource>, after: &Resource) -> Vec<RequiredReference> {
    let mut references = Vec::new();
    let required = after.values.iter().filter(|(_, field, _)| field.must_exist);
    for (place, field, value) in required {
        let Some(kind) = field.refers_to() else { continue };
        let known = before.and_then(|before| before.values.get(place)).map(FieldValue::references);
        for (position, id) in value.references().iter().enumerate() {
            if !known.is_some_and(|known| known.contains(id)) {
                references.push(RequiredReference { pointer: pointer(field, position), kind, id: *id });
            }
        }
    }
    references
}

fn pointer(field: &Field, position: usize) -> String {
    let field_pointer = Pointer::Root.member(field.name);
    if field.is_reference_list() {
        field_pointer.item(position).to_string()
    } else {
        field_pointer.to_string()
    }
}
