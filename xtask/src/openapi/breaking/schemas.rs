//! Compares two schemas: whether every value that one side sends is one that the other understands.
//!
//! In a request, the old document's client sends and the new document's service must understand. In a
//! response, it is the other way round. The rules are therefore the same, with the sides changed.

use std::collections::HashMap;

use serde_json::Value;

use super::alternatives::{Alternative, alternatives, without_annotations};
use super::directions::Direction;
use super::findings::{Finding, distinct};
use super::keywords::{compare_enums, compare_limits};
use super::values::{elements, kind_fits, members};
use super::variants::{is_counterpart, other_variant};

type Key = (Direction, String, String);

/// Compares the schemas of one operation. The findings for two schemas are kept, so that a component is
/// compared once, however often the operation uses it.
pub(super) struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    /// The findings by pair. Pairs that are still being compared have none.
    found: HashMap<Key, Vec<Finding>>,
    /// The pairs without findings, in the order in which they were finished.
    fine: Vec<Key>,
}

/// How one alternative that is sent compares with one that is understood.
struct Fit {
    /// 0 if both are for the same values, and higher the less they are.
    distance: u8,
    findings: Vec<Finding>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self { old, new, found: HashMap::new(), fine: Vec::new() }
    }

    /// The changes from a schema of the old document to one of the new that a client would notice.
    pub(super) fn compare(&mut self, direction: Direction, old: &Value, new: &Value) -> Vec<Finding> {
        let (sent, understood) = direction.turned(old, new);
        self.within(direction, sent, understood)
    }

    /// The findings on values that are sent and not understood. A pair that contains itself is assumed to be
    /// fine inside itself, since the findings on it are made at the outer level.
    fn within(&mut self, direction: Direction, sent: &Value, understood: &Value) -> Vec<Finding> {
        let key = (direction, text(sent), text(understood));
        if key.1 == key.2 && !key.1.contains("\"$ref\"") {
            return Vec::new();
        }
        if let Some(findings) = self.found.get(&key) {
            return findings.clone();
        }
        self.found.insert(key.clone(), Vec::new());
        let finished_before = self.fine.len();
        let findings = self.spread(direction, sent, understood);
        if findings.is_empty() {
            self.fine.push(key);
        } else {
            // Pairs inside this one may be fine only because this one was assumed to be.
            for key in self.fine.drain(finished_before..) {
                self.found.remove(&key);
            }
            self.found.insert(key, findings.clone());
        }
        findings
    }

    /// Compares each alternative that is sent with the one that understands it best.
    fn spread(&mut self, direction: Direction, sent: &Value, understood: &Value) -> Vec<Finding> {
        let (senders, receivers) = direction.turned(self.old, self.new);
        let sides = (alternatives(senders, sent), alternatives(receivers, understood));
        let (Some(sent), Some(understood)) = sides else {
            return vec![Finding::new("has a reference without a target")];
        };
        let mut findings = Vec::new();
        for sent in &sent {
            let own: Vec<_> =
                understood.iter().filter(|other| is_counterpart(direction, sent, other)).collect();
            let candidates = if own.is_empty() { understood.iter().collect() } else { own };
            let fits = candidates.iter().map(|other| self.fit(direction, sent, other, candidates.len()));
            let best = fits.min_by_key(|fit| (fit.distance, fit.findings.len()));
            findings.extend(best.unwrap_or_else(|| unfit(2, direction, sent.name())).findings);
        }
        distinct(findings)
    }

    /// Compares an alternative that is sent with one of `of` alternatives that are understood.
    fn fit(&mut self, direction: Direction, sent: &Alternative, understood: &Alternative, of: usize) -> Fit {
        let same_kind = match (&sent.kind, &understood.kind) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(sent), Some(understood)) => kind_fits(sent, understood),
        };
        if !same_kind {
            return unfit(2, direction, sent.name());
        }
        if of > 1
            && let Some(variant) = other_variant(direction, sent, understood)
        {
            return unfit(1, direction, &variant);
        }
        let mut findings = compare_enums(direction, sent, understood);
        findings.extend(compare_limits(direction, sent, understood));
        if sent.may_be("object") {
            findings.extend(self.properties(direction, sent, understood));
            findings.extend(self.additional_properties(direction, sent, understood));
        }
        if sent.may_be("array") {
            let found = self.within(direction, sent.list("items"), understood.list("items"));
            findings.extend(found.into_iter().map(|finding| finding.under("[]")));
        }
        if let Some(component) = &sent.component
            && understood.component.as_ref() == Some(component)
        {
            findings = findings.into_iter().map(|finding| finding.of(component)).collect();
        }
        Fit { distance: 0, findings }
    }

    /// The changes of properties, and of which are required, that a client would notice.
    fn properties(
        &mut self,
        direction: Direction,
        sent: &Alternative,
        understood: &Alternative,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (before, after) = direction.turned(sent, understood);
        let (before, after) = (before.list("properties"), after.list("properties"));
        let takes_anything = understood.kind.is_none() && understood.get("properties").is_none();
        for (name, old) in members(before) {
            let step = format!(".{name}");
            let Some(new) = after.get(name) else {
                if !takes_anything {
                    findings.push(Finding::new("is removed").under(&step));
                }
                continue;
            };
            let found = self.compare(direction.of_member(name), old, new);
            findings.extend(found.into_iter().map(|finding| finding.under(&step)));
        }
        let text = if direction.is_request() { "is now required" } else { "is no longer always sent" };
        for name in elements(understood.list("required")) {
            let step = name.as_str().unwrap_or_default();
            let is_gone = before.get(step).is_some() && after.get(step).is_none();
            if !is_gone && !elements(sent.list("required")).any(|other| other == name) {
                findings.push(Finding::new(text).under(&format!(".{step}")));
            }
        }
        findings
    }

    /// The changes of unlisted properties that a client would notice.
    fn additional_properties(
        &mut self,
        direction: Direction,
        sent: &Alternative,
        understood: &Alternative,
    ) -> Vec<Finding> {
        if sent.is_closed() {
            return Vec::new();
        }
        if direction.is_request() && understood.is_closed() {
            return vec![Finding::new("no longer accepts additional properties")];
        }
        let Some(values @ Value::Object(_)) = understood.get("additionalProperties") else {
            return Vec::new();
        };
        let found = self.within(direction, sent.list("additionalProperties"), values);
        found.into_iter().map(|finding| finding.under(".*")).collect()
    }
}

/// The text that identifies a schema, without annotations.
fn text(schema: &Value) -> String {
    schema
        .as_object()
        .map_or_else(|| schema.to_string(), |map| Value::Object(without_annotations(map)).to_string())
}

/// The fit of an alternative that does not understand any of the values with this name.
fn unfit(distance: u8, direction: Direction, what: &str) -> Fit {
    Fit { distance, findings: vec![Finding::new(direction.misunderstands(what))] }
}
