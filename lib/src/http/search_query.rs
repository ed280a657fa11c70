//! The query parameters of a search.

use super::query::Query;
use super::selection;
use crate::Error;
use crate::domain::{DEFAULT_RESULTS, Kind, MAX_QUERY_LENGTH, MAX_RESULTS, SearchRequest, Status, Words};

/// Parses the parameters.
pub(super) fn read(mut query: Query, kind: &'static Kind) -> Result<SearchRequest, Error> {
    let request = SearchRequest {
        kind,
        words: words(&mut query),
        // Without `deleted`: a search does not return deleted resources.
        statuses: selection::statuses(
            &mut query,
            Status::all(kind).collect(),
            |word| Status::parse(kind, word),
            &kind.statuses.list(),
        ),
        limit: query.number("limit", 1..=MAX_RESULTS, "").unwrap_or(DEFAULT_RESULTS),
        fields: selection::fields(&mut query, kind, kind.summary()),
    };
    query.finish(request)
}

fn words(query: &mut Query) -> Words {
    let Some(text) = query.single("q") else {
        query.fault("q", "required", "Say what to search for, like q=field+notes");
        return Words::default();
    };
    if text.chars().count() > MAX_QUERY_LENGTH {
        query.fault("q", "too_long", format!("A query has at most {MAX_QUERY_LENGTH} characters"));
        return Words::default();
    }
    let words = Words::of(&text);
    if words.is_empty() {
        query.fault("q", "invalid_value", "A query has at least one letter or digit");
    }
    words
}
