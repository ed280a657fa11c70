//! Merges the partitions of a list, each read from its beginning, into one order. Pure.

use std::cmp::Ordering;

use crate::domain::Position;
use crate::repository::item::Item;

/// The rows read so far.
#[derive(Debug)]
pub(super) struct Merge {
    descending: bool,
    /// The position that each partition has been read to.
    partitions: Vec<ReadTo>,
    /// The rows of all partitions, in the order of the list.
    rows: Vec<(Position, Item)>,
}

/// The result of one query of a partition.
#[derive(Debug)]
pub(super) struct StoredResponse {
    pub(super) partition: usize,
    pub(super) rows: Vec<(Position, Item)>,
    /// The position of the last row that was evaluated, which a filter may have excluded; `None` at the end.
    pub(super) read_to: Option<Position>,
}

/// The position that a partition has been read to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ReadTo {
    Nothing,
    Position(Position),
    End,
}

impl Merge {
    pub(super) fn new(partitions: usize, descending: bool) -> Self {
        Self { descending, partitions: vec![ReadTo::Nothing; partitions], rows: Vec::new() }
    }

    /// Adds the results of a round of queries.
    pub(super) fn add(&mut self, answers: impl IntoIterator<Item = StoredResponse>) {
        for answer in answers {
            self.rows.extend(answer.rows);
            if let Some(state) = self.partitions.get_mut(answer.partition) {
                *state = answer.read_to.map_or(ReadTo::End, ReadTo::Position);
            }
        }
        let descending = self.descending;
        self.rows.sort_by(|(one, _), (other, _)| in_order(one, other, descending));
    }

    /// How many of the first rows are certain: no partition can have an unread row before them.
    pub(super) fn certain(&self) -> usize {
        if self.partitions.contains(&ReadTo::Nothing) {
            return 0;
        }
        self.read_to().map_or(self.rows.len(), |horizon| {
            self.rows.partition_point(|(position, _)| self.order(position, horizon).is_le())
        })
    }

    /// The position of the last row that is certain.
    pub(super) fn last_certain(&self) -> Option<&Position> {
        let last = self.certain().checked_sub(1)?;
        self.rows.get(last).map(|(position, _)| position)
    }

    /// The partitions that may still have one of the first `wanted` rows, each with the position to continue
    /// from.
    pub(super) fn to_read(&self, wanted: usize) -> Vec<(usize, Option<Position>)> {
        let last = wanted.checked_sub(1).and_then(|last| self.rows.get(last));
        let state = |(partition, state): (usize, &ReadTo)| match state {
            ReadTo::Nothing => Some((partition, None)),
            ReadTo::Position(position) => {
                let beyond = last.is_some_and(|(last, _)| self.order(position, last).is_ge());
                (!beyond).then(|| (partition, Some(position.clone())))
            }
            ReadTo::End => None,
        };
        self.partitions.iter().enumerate().filter_map(state).collect()
    }

    /// The position that every partition has been read to; `None` if all have been read to their end.
    pub(super) fn read_to(&self) -> Option<&Position> {
        let positions = self.partitions.iter().filter_map(|state| match state {
            ReadTo::Position(position) => Some(position),
            ReadTo::Nothing | ReadTo::End => None,
        });
        positions.min_by(|one, other| self.order(one, other))
    }

    /// The rows, in the order of the list.
    pub(super) fn into_rows(self) -> Vec<(Position, Item)> {
        self.rows
    }

    fn order(&self, one: &Position, other: &Position) -> Ordering {
        in_order(one, other, self.descending)
    }
}

fn in_order(one: &Position, other: &Position, descending: bool) -> Ordering {
    if descending { other.cmp(one) } else { one.cmp(other) }
}
