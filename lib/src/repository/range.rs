//! Ranges of DynamoDB's strings.

use super::keys;
use crate::domain::{IndexKey, Operator, Timestamp};

/// The strings from one to another, both included; compared byte by byte, as DynamoDB does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

impl Range {
    /// The sort keys whose values are in a relation to this one.
    pub(super) fn of_values(operator: Operator, value: &IndexKey) -> Self {
        let (from, to) = value.bounds(operator);
        Self { from, to }
    }

    /// The ids made at such times. An id begins with its time, and the beginning alone sorts before all ids of its
    /// millisecond.
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

    /// The strings of both.
    pub(super) fn and(self, other: Self) -> Self {
        let greater = |one: Option<String>, other: Option<String>| one.max(other);
        let lesser = |one: Option<String>, other: Option<String>| match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { from: greater(self.from, other.from), to: lesser(self.to, other.to) }
    }

    /// The same range of strings that begin with this one.
    pub(super) fn below(self, beginning: &str) -> Self {
        let below = |bound: Option<String>| bound.map(|bound| format!("{beginning}{bound}"));
        Self { from: below(self.from), to: below(self.to) }
    }

    /// What of the range is ahead of a reader that has come to `position`; `None` when that is no position of the order.
    /// Every key ends with an id, so that none lies between the key of an id and that of the next one.
    pub(super) fn behind(self, position: &str, is_id: bool, descending: bool) -> Option<Self> {
        let (beginning, id) = keys::split_sort_key(position, is_id)?;
        let ahead = if descending {
            Self { from: None, to: Some(format!("{beginning}{}", id.previous())) }
        } else {
            Self { from: Some(format!("{beginning}{}", id.next())), to: None }
        };
        Some(self.and(ahead))
    }

    /// Whether a string is one of these.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.from.as_deref().is_none_or(|from| from <= text) && self.to.as_deref().is_none_or(|to| text <= to)
    }

    pub(super) fn is_everything(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// Whether it can have no key: no key is a bound of values. DynamoDB refuses a `BETWEEN` that can match nothing.
    pub(super) fn is_empty(&self) -> bool {
        matches!((&self.from, &self.to), (Some(from), Some(to)) if from >= to)
    }
}
