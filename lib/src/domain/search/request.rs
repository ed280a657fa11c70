//! What a search asks for, and what it finds.

use crate::domain::{Fields, Kind, Status, View, Words};

/// The results of a search when nothing else is asked.
pub const DEFAULT_RESULTS: usize = 10;
/// The most results that a search may be asked for.
pub const MAX_RESULTS: usize = 50;
/// The longest query, in characters: as long as a name.
pub const MAX_QUERY_LENGTH: usize = 200;
/// How many resources a search looks at.
pub const MAX_CANDIDATES: usize = 1000;

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRequest {
    /// Of which kind.
    pub kind: &'static Kind,
    /// The words that resources must have, at least one.
    pub words: Words,
    /// In one of these statuses.
    pub statuses: Vec<Status>,
    /// How many results at most.
    pub limit: usize,
    /// What is told of each.
    pub fields: Fields,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchResults {
    /// The best first.
    pub resources: Vec<View>,
    /// Whether all that can match were candidates.
    pub exhaustive: bool,
}
