//! Rules for a change as a whole: transitions of the status, immutable fields, and the rules of a kind.

use serde::de::DeserializeOwned;

use super::{FieldValue, Values};
use crate::domain::{Caller, Fault, Faults, Pointer, Refusal};

/// A rule of a kind: a function that adds a fault for each violation.
pub type Rule = fn(&Proposed<'_>, &mut RuleFaults);

/// The change that a rule checks.
#[derive(Debug, Clone, Copy)]
pub struct Proposed<'a> {
    /// The stored values; `None` for a new resource.
    pub before: Option<&'a Values>,
    /// The new values.
    pub after: &'a Values,
    /// The caller that requests it.
    pub caller: &'a Caller,
}

/// The faults that rules find.
#[derive(Debug, Default)]
pub struct RuleFaults {
    faults: Faults,
    /// A defect in the code of a rule, because of which it cannot be checked.
    defect: Option<String>,
}

impl RuleFaults {
    /// Adds a fault at a JSON Pointer (RFC 6901), with a code for programs and a message for people.
    pub fn add(&mut self, pointer: &str, code: &'static str, message: impl Into<String>) {
        self.faults.add(|| Fault::body(pointer, code, message));
    }

    /// The values as a type of the rule's own; `None` if the type does not fit the declaration. That is a
    /// defect of the rule, and nothing is stored.
    pub fn typed<T: DeserializeOwned>(&mut self, values: &Values) -> Option<T> {
        let typed = values.to();
        if let Err(error) = &typed {
            self.defect = Some(format!("a rule of {} cannot read its values: {error}", values.kind().name));
        }
        typed.ok()
    }
}

/// Checks whether values may be stored in place of `before`.
///
/// # Errors
/// [`Refusal::Invalid`] with every fault, or else [`Refusal::InvalidTransition`]; [`Refusal::Defect`] if a
/// rule is defective.
pub(in crate::domain) fn check_change(
    before: Option<&Values>,
    after: &Values,
    caller: &Caller,
) -> Result<(), Refusal> {
    let kind = after.kind();
    let mut faults = Faults::default();
    if let Some(before) = before {
        for (field, declared) in kind.declared().filter(|(_, declared)| declared.immutable) {
            // A field that was declared after the resource was created may be set once.
            let missing = declared.required && before.get(field) == Some(&FieldValue::Null);
            if !missing && !before.is_same(field, after) {
                let at = Pointer::Root.member(declared.name);
                faults.add(|| Fault::body(&at, "immutable", "This field cannot be changed after creation"));
            }
        }
    }
    let mut found = RuleFaults { faults, defect: None };
    for rule in kind.rules {
        rule(&Proposed { before, after, caller }, &mut found);
    }
    if let Some(defect) = found.defect {
        return Err(Refusal::Defect(defect));
    }
    found.faults.or(()).map_err(Refusal::Invalid)?;
    let (Some(before), after) = (before.map(Values::status), after.status()) else { return Ok(()) };
    match kind.statuses.after(before.as_str()) {
        Some(allowed) if before != after && !allowed.contains(&after.as_str()) => {
            Err(Refusal::InvalidTransition { from: before, to: after, allowed })
        }
        _ => Ok(()),
    }
}
