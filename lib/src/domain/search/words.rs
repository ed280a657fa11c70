//! The words of a name, in the form in which search compares them.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::{ShownStatus, fold};

/// The words of a text, each once: folded for comparison, and without accents.
///
/// Words end where the default rules of Unicode Standard Annex #29 say, and besides at everything that is no letter, digit
/// or combining mark: `report_2026.pdf` has three. Scripts that are written without spaces have a word for each character
/// (Han, Hiragana) or each syllable (Thai); a search for several of them asks for all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(BTreeSet<String>);

/// How a query matches a name. The better is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// Every word of the query is the beginning of a word of the name.
    Beginnings,
    /// Every word of the query is a word of the name.
    WholeWords,
}

impl Words {
    /// The words of a text.
    pub fn of(text: &str) -> Self {
        let plain: String =
            fold(text).nfd().filter(|letter| !is_accent(*letter)).map(without_stroke).collect();
        let plain: String = plain.nfc().collect();
        let words = plain.split_word_bounds().flat_map(|part| part.split(|letter| !is_of_a_word(letter)));
        Self(words.filter(|word| word.contains(char::is_alphanumeric)).map(str::to_owned).collect())
    }

    /// The words that a resource of such a status and name is found by: none when it is deleted.
    pub fn found_by(status: ShownStatus, name: &str) -> Self {
        if status == ShownStatus::Deleted { Self::default() } else { Self::of(name) }
    }

    /// Each word, in byte order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is one of them.
    pub fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// The words that only one of the two has.
    pub fn differences<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        self.0.symmetric_difference(&other.0).map(String::as_str)
    }

    /// How these, the words of a query, match those of a name; `None` where they do not.
    pub fn matches(&self, name: &Self) -> Option<Match> {
        let begins =
            |word: &String| name.0.range(word.clone()..).next().is_some_and(|it| it.starts_with(word));
        if self.0.is_subset(&name.0) {
            Some(Match::WholeWords)
        } else {
            self.0.iter().all(begins).then_some(Match::Beginnings)
        }
    }
}

/// Whether a combining mark is an accent and not a part of its letter: by its canonical combining class (Unicode
/// Standard, section 4.3), marks over, under and through letters (1, 200 to 240) and the points of Hebrew, Arabic and
/// Syriac (10 to 36). Vowels and viramas of Indic scripts, tones of Thai and Lao and the voicing of Kana make other words.
fn is_accent(letter: char) -> bool {
    matches!(canonical_combining_class(letter), 1 | 10..=36 | 200..=240)
}

/// The letter below a stroke, and a dotless i with its dot: Unicode has no decomposition of these.
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
