//! Finds ids and unique values that occur twice in a file.

use std::collections::HashSet;

use crate::domain::{ResourceId, UniqueValue, hash};

/// The ids and unique values of the lines so far, 16 bytes each: a file may have millions of lines.
#[derive(Debug, Default)]
pub struct Repeats {
    ids: HashSet<ResourceId>,
    values: HashSet<[u8; 16]>,
}

impl Repeats {
    /// Adds the id of a line. Returns whether no line before has it.
    pub fn is_first(&mut self, id: ResourceId) -> bool {
        self.ids.insert(id)
    }

    /// Whether a line so far has this id.
    pub fn has(&self, id: ResourceId) -> bool {
        self.ids.contains(&id)
    }

    /// Adds the unique values of a line. Returns those that a line before has.
    pub fn repeated<'a>(&mut self, values: impl IntoIterator<Item = &'a UniqueValue>) -> Vec<UniqueValue> {
        let is_repeated = |value: &&UniqueValue| {
            let digest = hash(&[value.fields.join(",").as_bytes(), value.digest.as_bytes()]);
            let (short, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
            !self.values.insert(*short)
        };
        values.into_iter().filter(is_repeated).cloned().collect()
    }
}
