//! What was found, where, and how it becomes lines that name each change once.

use std::collections::HashSet;

/// One thing that a client would notice.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// The way to it from the compared schema: `.data[].total`, or empty for the schema itself.
    path: String,
    /// The component it is a change of, with the way inside it; `None` until the way up passes one.
    origin: Option<String>,
    text: String,
}

impl Finding {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { path: String::new(), origin: None, text: text.into() }
    }

    /// Gives the finding as seen one step (`.name`, `[]`) further out.
    pub(super) fn under(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }

    /// Gives the finding with the component that it is a change of. The innermost one counts, as that is
    /// where a reader would look for the change.
    pub(super) fn of(mut self, component: &str) -> Self {
        self.origin.get_or_insert_with(|| format!("{component} {}", self.path));
        self
    }

    /// Gives how many steps it is away from the compared schema.
    fn depth(&self) -> usize {
        self.path.matches(['.', '[']).count()
    }
}

/// Gives the findings with each change of a component once, where it is least nested. A component that is
/// reached in many ways would otherwise be found in all of them.
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

    /// Takes a place in the operation (`200`, `query limit`; empty for the operation itself), the component
    /// that stands there, or the place again if none does, and what is to be said.
    pub(super) fn add(&mut self, place: &str, component: &str, finding: Finding) {
        self.found.push((place.to_owned(), finding.of(component)));
    }

    /// Like `add`, for what belongs to this operation alone.
    pub(super) fn say(&mut self, place: &str, text: impl Into<String>) {
        self.add(place, place, Finding::new(text));
    }

    /// Gives the lines. A component that the operation uses in several places is named in the least nested
    /// of them only: its other uses are the same change.
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
