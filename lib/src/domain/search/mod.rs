//! Search: words, entries, requests and results.

mod entry;
mod folding;
mod request;
mod words;

pub use entry::SearchEntry;
pub use folding::fold;
pub use request::{
    DEFAULT_RESULTS, MAX_CANDIDATES, MAX_QUERY_LENGTH, MAX_RESULTS, SearchRequest, SearchResults,
};
pub use words::{Match, Words};
