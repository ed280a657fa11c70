//! The rules of search: which resources are looked at, which of them match, and in which order they are given.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Error;
use crate::domain::{
    Caller, Field, Fields, MAX_CANDIDATES, Match, ResourceId, SearchRequest, SearchResults, ShownStatus,
    View, Words,
};
use crate::repository::{Candidates, ResourceRepository, SearchRepository};

/// The words whose candidates are asked for at the same time.
const CONCURRENCY: usize = 10;
/// How many candidates are read first, for each result that is wanted.
const FIRST_READ: usize = 2;
/// How many more are read each time.
const GROWTH: usize = 4;

/// Resources by the words of their names.
#[derive(Debug, Clone)]
pub struct SearchService {
    resources: ResourceRepository,
    words: SearchRepository,
    most_candidates: usize,
}

impl SearchService {
    /// Search over these.
    pub fn over(resources: ResourceRepository, words: SearchRepository) -> Self {
        Self { resources, words, most_candidates: MAX_CANDIDATES }
    }

    /// One that looks at no more than so many candidates.
    #[must_use]
    pub fn with_candidates(self, most_candidates: usize) -> Self {
        Self { most_candidates, ..self }
    }

    /// The caller's resources whose names match: those that have every word whole first, and of these the newest.
    ///
    /// Candidates come from the rarest word, without those that are known to lack another. Each is then read: what was
    /// renamed or deleted since the words were written does not match.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn search(&self, caller: &Caller, request: &SearchRequest) -> Result<SearchResults, Error> {
        let calls: Vec<_> = request
            .words
            .iter()
            .map(|word| self.words.candidates(&caller.tenant, word, self.most_candidates))
            .collect();
        let lists: Vec<_> = stream::iter(calls).buffered(CONCURRENCY).try_collect().await?;
        let candidates = narrowed(lists);
        let found = self.matching(caller, request, &candidates).await?;
        let resources = if found.iter().all(|view| view.has(request.fields)) {
            found.into_iter().map(|view| view.select(request.fields)).collect()
        } else {
            self.with_fields(caller, request, &found).await?
        };
        Ok(SearchResults { resources, exhaustive: candidates.complete })
    }

    /// The best of the candidates. Those that can be the best are read first, and no more than it takes.
    async fn matching(
        &self,
        caller: &Caller,
        request: &SearchRequest,
        candidates: &Candidates,
    ) -> Result<Vec<View>, Error> {
        let mut longer = candidates.longer.clone();
        longer.sort_unstable_by_key(|id| Reverse(*id));
        let ordered = [&candidates.whole[..], &longer].concat();
        let mut found: Vec<(Match, View)> = Vec::new();
        let (mut rest, mut size) = (&ordered[..], FIRST_READ * request.limit);
        while let Some(next) = rest.first() {
            // No candidate that is left is better than this: what has every word whole has this one whole.
            let left = if rest.len() > longer.len() { Match::WholeWords } else { Match::Beginnings };
            let settled = found.iter().filter(|(rank, view)| (*rank, view.id()) > (left, *next)).count();
            if settled >= request.limit {
                break;
            }
            let (ids, later) = rest.split_at(size.min(rest.len()));
            let views = self.resources.views(&caller.tenant, ids.iter().copied(), Fields::SUMMARY).await?;
            found.extend(views.into_values().filter_map(|view| Some((rank(request, &view)?, view))));
            (rest, size) = (later, GROWTH * size);
        }
        found.sort_unstable_by_key(|(rank, view)| Reverse((*rank, view.id())));
        Ok(found.into_iter().map(|(_, view)| view).take(request.limit).collect())
    }

    /// The results with fields beyond the summary: read again, and only these, for resources may be large.
    async fn with_fields(
        &self,
        caller: &Caller,
        request: &SearchRequest,
        found: &[View],
    ) -> Result<Vec<View>, Error> {
        let ids = found.iter().map(View::id);
        let fields = request.fields.with(Field::Name);
        let mut views: HashMap<_, _> = self.resources.views(&caller.tenant, ids, fields).await?;
        let as_found = |found: &View| {
            let view = views.remove(&found.id()).filter(|view| rank(request, view).is_some())?;
            Some(view.select(request.fields))
        };
        Ok(found.iter().filter_map(as_found).collect())
    }
}

/// The candidates of the rarest word, without those that a word whose candidates are all known does not have.
fn narrowed(lists: Vec<Candidates>) -> Candidates {
    let known: Vec<HashSet<ResourceId>> =
        lists.iter().filter(|list| list.complete).map(|list| list.ids().collect()).collect();
    let rarest = lists.into_iter().min_by_key(|list| (!list.complete, list.ids().count()));
    let mut rarest = rarest.unwrap_or_default();
    for ids in [&mut rarest.whole, &mut rarest.longer] {
        ids.retain(|id| known.iter().all(|known| known.contains(id)));
    }
    rarest
}

/// How a resource matches; `None` where it does not, or is in another status.
fn rank(request: &SearchRequest, view: &View) -> Option<Match> {
    let wanted =
        matches!(view.shown_status(), ShownStatus::Living(status) if request.statuses.contains(&status));
    wanted.then(|| request.words.matches(&Words::of(view.name()))).flatten()
}
