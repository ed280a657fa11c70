//! Ranges of DynamoDB's strings, and what the parameters of a list make of them.

use super::keys;
use crate::domain::{SortOrder, TimeRange, Timestamp};

/// The strings from one to another, both included; compared byte by byte, as DynamoDB does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

impl Range {
    /// One string alone.
    pub(super) fn only(text: &str) -> Self {
        Self { from: Some(text.to_owned()), to: Some(text.to_owned()) }
    }

    /// The ids made within a period. An id begins with its time, and the beginning alone sorts before all ids of its
    /// millisecond.
    pub(super) fn of_ids(period: TimeRange) -> Self {
        Self::of(period, keys::beginning_of_ids, keys::beginning_of_ids)
    }

    /// The sort keys, in the order of change, of changes within a period. The time alone sorts before all keys of it.
    pub(super) fn of_updated_keys(period: TimeRange) -> Self {
        Self::of(period, |first| first.to_string(), |end| end.to_string())
    }

    /// The written times within a period.
    pub(super) fn of_times(period: TimeRange) -> Self {
        Self::of(period, |first| first.to_string(), |end| end.previous().to_string())
    }

    /// `from` makes a bound of the first millisecond of the period, `to` of the first one after it.
    fn of(period: TimeRange, from: impl Fn(Timestamp) -> String, to: impl Fn(Timestamp) -> String) -> Self {
        Self { from: period.after.map(|after| from(after.next())), to: period.before.map(to) }
    }

    /// What of the range is ahead of a reader that has come to `position`; `None` when that is no position of the order.
    /// Every key ends with an id, so that none lies between the key of an id and that of the next one.
    pub(super) fn behind(mut self, position: &str, order: SortOrder) -> Option<Self> {
        let (beginning, id) = keys::split_sort_key(position, order.by)?;
        if order.descending {
            let last = format!("{beginning}{}", id.previous());
            self.to = Some(self.to.map_or(last.clone(), |to| to.min(last)));
        } else {
            let first = format!("{beginning}{}", id.next());
            self.from = Some(self.from.map_or(first.clone(), |from| from.max(first)));
        }
        Some(self)
    }

    pub(super) fn is_everything(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// DynamoDB refuses a `BETWEEN` that can match nothing.
    pub(super) fn is_empty(&self) -> bool {
        matches!((&self.from, &self.to), (Some(from), Some(to)) if from > to)
    }
}
