//! Compares search with a model in memory: random names in many scripts, and operations on them.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::select;
use tokio::runtime::Runtime;

use super::world::{Known, STATUSES, WORDS, World, operation};
use crate::app::App;

/// The most candidates in this test.
const MOST_CANDIDATES: usize = 6;

/// A search request.
#[derive(Debug, Clone)]
struct Asked {
    /// Words in their written form, or a prefix of one in its folded form.
    words: Vec<(usize, Option<usize>)>,
    status: Option<&'static str>,
    limit: usize,
}

fn asked() -> impl Strategy<Value = Asked> {
    let word = (0..WORDS.len(), prop::option::of(1..5_usize));
    let status = prop::option::weighted(0.3, select(&STATUSES[..]));
    (prop::collection::vec(word, 1..4), status, 1..8_usize).prop_map(|(words, status, limit)| Asked {
        words,
        status,
        limit,
    })
}

impl Asked {
    fn query(&self) -> String {
        let words: Vec<String> = self
            .words
            .iter()
            .map(|(word, length)| match length {
                Some(length) => WORDS[*word].1.chars().take(*length).collect(),
                None => WORDS[*word].0.to_owned(),
            })
            .collect();
        let q = words.join(" ").bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
        let status = self.status.map(|status| format!("&status={status}")).unwrap_or_default();
        format!("q={q}&limit={}{status}", self.limit)
    }

    /// The words in their folded form.
    fn words(&self) -> BTreeSet<String> {
        let length = |length: &Option<usize>| length.unwrap_or(usize::MAX);
        self.words.iter().map(|(word, cut)| WORDS[*word].1.chars().take(length(cut)).collect()).collect()
    }

    /// The ids of the matches, best first.
    fn of(&self, world: &World<'_>) -> Vec<String> {
        let words = self.words();
        let mut found: Vec<_> = world
            .model
            .iter()
            .filter(|(_, known)| !known.deleted && self.status.is_none_or(|status| known.status == status))
            .filter(|(_, known)| words.iter().all(|word| begins(known, word)))
            .map(|(id, known)| Reverse((words.iter().all(|word| known.words.contains(&**word)), id.clone())))
            .collect();
        found.sort();
        found.into_iter().map(|Reverse((_, id))| id).collect()
    }

    /// Whether some word has at most the maximum of candidates.
    fn within_the_bound(&self, world: &World<'_>) -> bool {
        self.words().iter().any(|word| {
            let living = world.model.values().filter(|known| !known.deleted);
            living.filter(|known| begins(known, word)).count() <= MOST_CANDIDATES
        })
    }
}

fn begins(known: &Known, word: &str) -> bool {
    known.words.iter().any(|of_name| of_name.starts_with(word))
}

fn shared() -> &'static (Runtime, App) {
    static SHARED: OnceLock<(Runtime, App)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let app = runtime.block_on(async { App::followed().await.with_candidates(MOST_CANDIDATES) });
        (runtime, app)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn each_answer_is_the_models_or_says_that_it_may_not_be(
        operations in prop::collection::vec(operation(), 1..50),
        searches in prop::collection::vec(asked(), 12),
    ) {
        let (runtime, app) = shared();
        runtime.block_on(async {
            let world = World::after(app, &operations).await;
            for asked in searches {
                let (found, exhaustive) = world.search(&asked.query()).await;
                let matching = asked.of(&world);
                prop_assert_eq!(exhaustive, asked.within_the_bound(&world), "{:?}", asked.words());
                if exhaustive {
                    let expected = &matching[..matching.len().min(asked.limit)];
                    prop_assert_eq!(&found[..], expected, "{:?}", asked.words());
                } else {
                    // The results are nevertheless matches, and in order.
                    let mut rest = matching.iter();
                    prop_assert!(found.iter().all(|id| rest.any(|of_model| of_model == id)));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn of_one_word_the_newest_that_have_it_whole_are_found_among_any_number(
        operations in prop::collection::vec(operation(), 30..60),
        word in 0..WORDS.len(),
    ) {
        let (runtime, app) = shared();
        runtime.block_on(async {
            let world = World::after(app, &operations).await;
            let asked = Asked { words: vec![(word, None)], status: None, limit: MOST_CANDIDATES };
            let (found, _) = world.search(&asked.query()).await;
            let whole = |id: &&String| world.model[*id].words.contains(WORDS[word].1);
            let matching = asked.of(&world);
            let expected: Vec<_> = matching.iter().filter(whole).take(MOST_CANDIDATES).collect();
            prop_assert_eq!(found.iter().filter(whole).collect::<Vec<_>>(), expected);
            Ok(())
        })?;
    }
}
