use proptest::prelude::*;

use crate::repository::item::Item;
use crate::repository::listing::merge::{Merge, StoredResponse};

proptest! {
    /// Partitions that are read in any steps merge into one sorted list, and no row becomes certain before an
    /// earlier one is read.
    #[test]
    fn what_is_certain_is_the_beginning_of_the_sorted_whole(
        partitions in prop::collection::vec(prop::collection::btree_set(0..60_u32, 0..12), 1..5),
        steps in prop::collection::vec(1..5_usize, 40),
        wanted in 1..20_usize,
        descending in any::<bool>(),
        passes in 1..4_u32,
    ) {
        // Each partition has different keys, and a filter leaves every n-th of them.
        let sorted = |mut keys: Vec<String>| {
            if descending { keys.sort_by(|one, other| other.cmp(one)) } else { keys.sort() }
            keys
        };
        let partitions: Vec<Vec<String>> = partitions
            .iter()
            .enumerate()
            .map(|(partition, keys)| sorted(keys.iter().map(|key| format!("{key:02}-{partition}")).collect()))
            .collect();
        let given = |key: &String| key[..2].parse::<u32>().unwrap() % passes == 0;
        let whole = sorted(partitions.concat().into_iter().filter(given).collect());

        let mut merge = Merge::new(partitions.len(), descending);
        let mut steps = steps.into_iter().cycle();
        while merge.certain() < wanted {
            let to_read = merge.to_read(wanted);
            if to_read.is_empty() {
                break;
            }
            for (partition, read_to) in to_read {
                let keys = &partitions[partition];
                let from = read_to.map_or(0, |read| keys.iter().position(|key| *key == read).unwrap() + 1);
                let to = (from + steps.next().unwrap()).min(keys.len());
                let rows = keys[from..to].iter().filter(|key| given(key)).map(|key| (key.clone(), Item::new()));
                let read_to = (to < keys.len()).then(|| keys[to - 1].clone());
                merge.add([StoredResponse { partition, rows: rows.collect(), read_to }]);
            }
        }
        let certain = merge.certain();
        prop_assert!(certain >= wanted.min(whole.len()), "{} of {} are certain", certain, whole.len());
        let rows: Vec<_> = merge.into_rows().into_iter().take(certain).map(|(position, _)| position).collect();
        prop_assert_eq!(&rows[..], &whole[..certain]);
    }
}

#[test]
fn a_partition_that_cannot_have_a_wanted_row_is_not_asked_again() {
    let mut merge = Merge::new(2, false);
    let rows = |keys: &[&str]| keys.iter().map(|key| ((*key).to_owned(), Item::new())).collect();
    merge.add([StoredResponse { partition: 0, rows: rows(&["a", "c"]), read_to: Some("c".to_owned()) }]);
    merge.add([StoredResponse { partition: 1, rows: rows(&["x", "y"]), read_to: Some("y".to_owned()) }]);
    assert_eq!(merge.certain(), 2);
    assert_eq!(merge.to_read(3), [(0, Some("c".to_owned()))]);
    assert_eq!(merge.to_read(2), []);
}
