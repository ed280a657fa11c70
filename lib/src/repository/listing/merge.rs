//! Partitions of one list, each read from its beginning on, as one list. Pure.

use std::cmp::Ordering;

use crate::domain::Position;
use crate::repository::item::Item;

/// What has been read so far.
#[derive(Debug)]
pub(super) struct Merge {
    descending: bool,
    /// How far each partition has been read.
    partitions: Vec<ReadTo>,
    /// The rows of all partitions, in the list's order.
    rows: Vec<(Position, Item)>,
}

/// What one query of a partition gave.
#[derive(Debug)]
pub(super) struct StoredResponse {
    pub(super) partition: usize,
    pub(super) rows: Vec<(Position, Item)>,
    /// The position that it came to, which may be that of a row that a filter left out; `None` for the end.
    pub(super) read_to: Option<Position>,
}

/// How far a partition has been read.
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

    /// Takes what a round of queries gave.
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

    /// How many of the first rows are certain: no partition can have one that comes before them.
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

    /// The partitions that may still have one of the first `wanted` rows, each with the position to go on from.
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

    /// The position that every partition has been read to; `None` when all are at their end.
    pub(super) fn read_to(&self) -> Option<&Position> {
        let positions = self.partitions.iter().filter_map(|state| match state {
            ReadTo::Position(position) => Some(position),
            ReadTo::Nothing | ReadTo::End => None,
        });
        positions.min_by(|one, other| self.order(one, other))
    }

    /// The rows, in the list's order.
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
