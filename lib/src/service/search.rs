//! Search: selects candidates, matches and ranks them.

use std::cmp::Reverse;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::scope;
use crate::Error;
use crate::domain::{
    Caller, MAX_CANDIDATES, Match, ResourceId, Scope, SearchEntry, SearchRequest, SearchResults, View,
};
use crate::repository::{Candidates, ResourceRepository, SearchRepository};

/// The most words whose candidates are queried, concurrently: the longest, which are likely to be rare. The
/// entry of a candidate shows whether it has the other words.
const MAX_QUERIES: usize = 4;

/// Finds resources by their words.
#[derive(Debug, Clone)]
pub struct SearchService {
    resources: ResourceRepository,
    words: SearchRepository,
    most_candidates: usize,
}

/// The candidates of a word.
#[derive(Debug, Default)]
struct Ranked {
    /// Those that match, with their rank.
    matches: Vec<(Match, ResourceId)>,
    /// The number of candidates.
    candidates: usize,
    /// Whether there are no further ones.
    complete: bool,
}

impl SearchService {
    /// Search in these tables.
    pub fn over(resources: ResourceRepository, words: SearchRepository) -> Self {
        Self { resources, words, most_candidates: MAX_CANDIDATES }
    }

    /// Limits the number of candidates.
    #[must_use]
    pub fn with_candidates(self, most_candidates: usize) -> Self {
        Self { most_candidates, ..self }
    }

    /// The caller's resources that match: first those that have every word of the query exactly, and among
    /// equals the newest.
    ///
    /// Candidates come from the rarest word, and are matched by their entries. The results are then read, and
    /// matched again: resources that have changed or were deleted since the entries were written may no
    /// longer match.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the caller may not read the kind. Other errors if DynamoDB fails.
    pub async fn search(&self, caller: &Caller, request: &SearchRequest) -> Result<SearchResults, Error> {
        let scope = &scope(caller, request.kind)?;
        let calls: Vec<_> =
            request.words.longest(MAX_QUERIES).map(|word| self.ranked(scope, word, request)).collect();
        let lists: Vec<Ranked> = stream::iter(calls).buffered(MAX_QUERIES).try_collect().await?;
        let rarest = lists.into_iter().min_by_key(|list| (!list.complete, list.candidates));
        let Ranked { mut matches, complete, .. } = rarest.unwrap_or_default();
        matches.sort_unstable_by_key(|candidate| Reverse(*candidate));
        let resources = self.matching(scope, request, &matches).await?;
        Ok(SearchResults { resources, exhaustive: complete })
    }

    /// The candidates of a word whose entries match. The entries are dropped immediately, because those of
    /// many words are large.
    async fn ranked(&self, scope: &Scope, word: &str, request: &SearchRequest) -> Result<Ranked, Error> {
        let Candidates { rows, complete } = self.words.candidates(scope, word, self.most_candidates).await?;
        let candidates = rows.len();
        let matches = rows.into_iter().filter_map(|row| Some((rank(request, &row.entry())?, row.id)));
        Ok(Ranked { matches: matches.collect(), candidates, complete })
    }

    /// The best of the ranked candidates: as many are read as are wanted, and then as many as did not match.
    async fn matching(
        &self,
        scope: &Scope,
        request: &SearchRequest,
        ranked: &[(Match, ResourceId)],
    ) -> Result<Vec<View>, Error> {
        let fields = request.fields.and(SearchEntry::fields(request.kind));
        let mut found: Vec<(Match, View)> = Vec::new();
        let mut rest = ranked;
        while found.len() < request.limit && !rest.is_empty() {
            let (next, later) = rest.split_at((request.limit - found.len()).min(rest.len()));
            let ids: Vec<_> = next.iter().map(|(_, id)| *id).collect();
            let views = self.resources.views(scope, ids, fields).await?;
            let matching = |view: View| Some((rank(request, &SearchEntry::of(view.resource()))?, view));
            found.extend(views.into_values().filter_map(matching));
            rest = later;
        }
        found.sort_unstable_by_key(|(rank, view)| Reverse((*rank, view.id())));
        Ok(found.into_iter().map(|(_, view)| view.select(request.fields)).collect())
    }
}

/// How a resource matches by its entry; `None` if it does not, or has another status.
fn rank(request: &SearchRequest, entry: &SearchEntry) -> Option<Match> {
    let wanted = entry.status.is_some_and(|status| request.statuses.contains(&status));
    wanted.then(|| request.words.matches(&entry.words)).flatten()
}
