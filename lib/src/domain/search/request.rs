//! A search request, and its results.

use crate::domain::{Fields, Kind, Status, View, Words};

/// The most results by default.
pub const DEFAULT_RESULTS: usize = 10;
/// The most results that a request may ask for.
pub const MAX_RESULTS: usize = 50;
/// The longest query, in characters: the length of a name.
pub const MAX_QUERY_LENGTH: usize = 200;
/// The most resources that a search considers.
pub const MAX_CANDIDATES: usize = 1000;

/// A search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRequest {
    /// The kind of the resources.
    pub kind: &'static Kind,
    /// The words that resources must have, at least one.
    pub words: Words,
    /// The statuses that they may have.
    pub statuses: Vec<Status>,
    /// The most results.
    pub limit: usize,
    /// The fields of each result.
    pub fields: Fields,
}

/// The results of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchResults {
    /// The resources, best match first.
    pub resources: Vec<View>,
    /// Whether every resource that can match was considered.
    pub exhaustive: bool,
}
