//! The findings and their places, and the lines that name each change once.

use std::collections::HashSet;

/// A change that a client would notice.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// The path to it from the compared schema: `.data[].total`, or empty for the schema itself.
    path: String,
    /// The changed component, with the path inside it; `None` until a component on the path is reached.
    origin: Option<String>,
    text: String,
}

impl Finding {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { path: String::new(), origin: None, text: text.into() }
    }

    /// The finding with one more step (`.name`, `[]`) at the start of its path.
    pub(super) fn under(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }

    /// The finding with the changed component. The innermost one counts, since a reader looks for the change
    /// there.
    pub(super) fn of(mut self, component: &str) -> Self {
        self.origin.get_or_insert_with(|| format!("{component} {}", self.path));
        self
    }

    /// The number of steps from the compared schema.
    fn depth(&self) -> usize {
        self.path.matches(['.', '[']).count()
    }
}

/// Keeps each change of a component once, where it is least nested. Otherwise, it would be listed on each
/// path to the component.
pub(super) fn distinct(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_cached_key(|finding| (finding.depth(), finding.path.clone()));
    let mut known = HashSet::new();
    findings.retain(|finding| {
        let origin = finding.origin.clone().ok_or_else(|| finding.path.clone());
        known.insert((origin, finding.text.clone()))
    });
    findings
}

/// The findings of one operation.
pub(super) struct Report {
    operation: String,
    found: Vec<(String, Finding)>,
}

impl Report {
    pub(super) fn new(operation: &str) -> Self {
        Self { operation: operation.to_owned(), found: Vec::new() }
    }

    /// Adds a finding at a place in the operation (`200`, `query limit`; empty for the operation itself).
    /// `component` is the component at that place, or the place again if there is none.
    pub(super) fn add(&mut self, place: &str, component: &str, finding: Finding) {
        self.found.push((place.to_owned(), finding.of(component)));
    }

    /// Like `add`, for a change of only this operation.
    pub(super) fn say(&mut self, place: &str, text: impl Into<String>) {
        self.add(place, place, Finding::new(text));
    }

    /// The lines. A change of a component that the operation uses in several places is listed only where it
    /// is least nested.
    pub(super) fn lines(mut self) -> Vec<String> {
        self.found
            .sort_by_cached_key(|(place, finding)| (finding.depth(), place.clone(), finding.path.clone()));
        let mut named = HashSet::new();
        self.found.retain(|(_, finding)| named.insert((finding.origin.clone(), finding.text.clone())));
        self.found.iter().map(|(place, finding)| self.line(place, finding)).collect()
    }

    fn line(&self, place: &str, finding: &Finding) -> String {
        let gap = if place.is_empty() { "" } else { " " };
        let path = finding.path.trim_start_matches('.');
        let colon = if path.is_empty() { "" } else { ": " };
        format!("{}{gap}{place}: {path}{colon}{}", self.operation, finding.text)
    }
}
