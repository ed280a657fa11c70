//! Ranges of strings.

use super::keys;
use crate::domain::{IndexKey, Operator, Timestamp};

/// The strings from `from` to `to`, both included, compared byte by byte as in DynamoDB.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

impl Range {
    /// The sort keys whose values are in this relation to a value.
    pub(super) fn of_values(operator: Operator, value: &IndexKey) -> Self {
        let (from, to) = value.bounds(operator);
        Self { from, to }
    }

    /// The ids whose timestamps are in this relation to a time. An id begins with its timestamp, and that
    /// prefix alone sorts before all ids of its millisecond.
    pub(super) fn of_ids(operator: Operator, time: Timestamp) -> Self {
        let (at, behind) = (keys::beginning_of_ids(time), keys::beginning_of_ids(time.next()));
        match operator {
            Operator::Equal => Self { from: Some(at), to: Some(behind) },
            Operator::GreaterOrEqual => Self { from: Some(at), to: None },
            Operator::Greater => Self { from: Some(behind), to: None },
            Operator::LessOrEqual => Self { from: None, to: Some(behind) },
            Operator::Less => Self { from: None, to: Some(at) },
        }
    }

    /// The intersection of two ranges.
    pub(super) fn and(self, other: Self) -> Self {
        let greater = |one: Option<String>, other: Option<String>| one.max(other);
        let lesser = |one: Option<String>, other: Option<String>| match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { from: greater(self.from, other.from), to: lesser(self.to, other.to) }
    }

    /// The same range with a prefix before each string.
    pub(super) fn below(self, beginning: &str) -> Self {
        let below = |bound: Option<String>| bound.map(|bound| format!("{beginning}{bound}"));
        Self { from: below(self.from), to: below(self.to) }
    }

    /// The part of the range after `position` in the order of reading; `None` if it is not a position in the
    /// order. Every key ends with an id, so no key is between that of an id and that of the next id.
    pub(super) fn behind(self, position: &str, is_id: bool, descending: bool) -> Option<Self> {
        let (beginning, id) = keys::split_sort_key(position, is_id)?;
        let ahead = if descending {
            Self { from: None, to: Some(format!("{beginning}{}", id.previous())) }
        } else {
            Self { from: Some(format!("{beginning}{}", id.next())), to: None }
        };
        Some(self.and(ahead))
    }

    /// Whether the range contains a string.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.from.as_deref().is_none_or(|from| from <= text) && self.to.as_deref().is_none_or(|to| text <= to)
    }

    pub(super) fn is_everything(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// Whether the range can contain no key: no key equals a bound. DynamoDB rejects a `BETWEEN` that can
    /// match nothing.
    pub(super) fn is_empty(&self) -> bool {
        matches!((&self.from, &self.to), (Some(from), Some(to)) if from >= to)
    }
}
