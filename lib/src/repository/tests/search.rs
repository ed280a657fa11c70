//! The order of the keys of words is the order of candidates.

use proptest::prelude::*;

use crate::domain::ResourceId;
use crate::repository::keys;

fn id() -> impl Strategy<Value = ResourceId> {
    any::<[u8; 16]>().prop_map(ResourceId::from_bytes)
}

proptest! {
    #[test]
    fn a_word_stands_before_longer_ones_and_the_newest_first(
        word in "[a-cд会𝒜-𝒞]{1,3}", other in "[a-cд会𝒜-𝒞]{1,4}", one in id(), two in id(),
    ) {
        let (of_one, of_two) = (keys::word(&word, one), keys::word(&other, two));
        prop_assert_eq!(keys::parse_word(&of_one), Some((&*word, one)));
        let expected = word.as_bytes().cmp(other.as_bytes()).then(two.cmp(&one));
        prop_assert_eq!(of_one.as_bytes().cmp(of_two.as_bytes()), expected);
        prop_assert_eq!(of_two.starts_with(keys::beginning_of_word(&word)), other.starts_with(&word));
    }

    #[test]
    fn the_longest_words_have_keys(letter in "[a会𝒜]", length in 900..2000_usize, id in id()) {
        let word = letter.repeat(length);
        let key = keys::word(&word, id);
        prop_assert!(key.len() <= 1024);
        prop_assert_eq!(keys::parse_word(&key), Some((keys::beginning_of_word(&word), id)));
        prop_assert!(word.starts_with(keys::beginning_of_word(&word)));
    }
}
