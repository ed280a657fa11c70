//! The words of texts, in the form in which search compares them.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::fold;

/// The most words of a resource that search stores.
const MAX_WORDS: usize = 200;
/// The most bytes of these words together.
const MAX_LENGTH: usize = 2000;

/// The words of a text, each once: folded for comparison, and without accents.
///
/// Words are separated by the default rules of Unicode Standard Annex #29, and also by any character that is
/// not a letter, digit or combining mark: `report_2026.pdf` has three. Scripts that are written without
/// spaces have a word for each character (Han, Hiragana) or each syllable (Thai); a search for several of
/// them requires all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(BTreeSet<String>);

/// How a query matches a resource. A better match is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// Every word of the query is the beginning of a word of the resource.
    Beginnings,
    /// Every word of the query is a word of the resource.
    WholeWords,
}

impl Words {
    /// The words of a text; of a long one, only the first.
    pub fn of(text: &str) -> Self {
        Self::of_all([text])
    }

    /// The words of some texts, in order, up to 200 words or 2,000 bytes: each is an item to write when a
    /// text changes.
    pub fn of_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut words, mut length) = (BTreeSet::new(), 0);
        for text in texts {
            let plain: String =
                fold(text).nfd().filter(|letter| !is_accent(*letter)).map(without_stroke).collect();
            let plain: String = plain.nfc().collect();
            let parts = plain.split_word_bounds().flat_map(|part| part.split(|letter| !is_of_a_word(letter)));
            for word in parts.filter(|word| word.contains(char::is_alphanumeric)) {
                if words.contains(word) {
                    continue;
                }
                length += word.len() + 1;
                if words.len() == MAX_WORDS || length > MAX_LENGTH {
                    return Self(words);
                }
                words.insert(word.to_owned());
            }
        }
        Self(words)
    }

    /// The words as one text, which [`Self::from_joined`] reads.
    pub fn joined(&self) -> String {
        self.0.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// The words of a text that [`Self::joined`] returned.
    pub fn from_joined(text: &str) -> Self {
        Self(text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    /// Each word, in byte order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The longest words, at most `most`.
    pub fn longest(&self, most: usize) -> impl Iterator<Item = &str> {
        let mut words: Vec<&str> = self.iter().collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.into_iter().take(most)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this word is among them.
    pub fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// How these words of a query match those of a resource; `None` if they do not.
    pub fn matches(&self, resource: &Self) -> Option<Match> {
        let begins =
            |word: &String| resource.0.range(word.clone()..).next().is_some_and(|it| it.starts_with(word));
        if self.0.is_subset(&resource.0) {
            Some(Match::WholeWords)
        } else {
            self.0.iter().all(begins).then_some(Match::Beginnings)
        }
    }
}

/// Whether a combining mark is an accent and not a part of its letter, by its canonical combining class
/// (Unicode Standard, section 4.3): marks over, under and through letters (1, 200 to 240), and the points of
/// Hebrew, Arabic and Syriac (10 to 36). Vowels and viramas of Indic scripts, tones of Thai and Lao and the
/// voicing marks of Kana distinguish words.
fn is_accent(letter: char) -> bool {
    matches!(canonical_combining_class(letter), 1 | 10..=36 | 200..=240)
}

/// Replaces letters with a stroke, and the dotless i, by their plain letter: Unicode has no decomposition of
/// these.
fn without_stroke(letter: char) -> char {
    match letter {
        'đ' => 'd',
        'ħ' => 'h',
        'ı' => 'i',
        'ł' => 'l',
        'ø' => 'o',
        'ŧ' => 't',
        other => other,
    }
}

fn is_of_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter)
}
