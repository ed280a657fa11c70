//! Chooses the index for a list, and the range of its sort key. Pure.

use crate::Error;
use crate::domain::{
    Condition, END, Filter, IndexKey, Indexed, Kind, Lists, Operator, Scope, ShownStatus, SortBy, SortOrder,
    index_key, subject_key,
};
use crate::repository::keys;
use crate::repository::range::Range;

/// An index of the resources table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) name: &'static str,
    pub(super) sort_key: &'static str,
    /// Whether the sort key is the id, with nothing before it.
    pub(super) is_by_id: bool,
}

impl Index {
    const CREATED: Self = Self { name: keys::BY_CREATED, sort_key: keys::ID, is_by_id: true };
    const UPDATED: Self = Self { name: keys::BY_UPDATED, sort_key: keys::UPDATED_KEY, is_by_id: false };

    fn of_slot(slot: usize) -> Option<Self> {
        let (name, sort_key) = (keys::INDEXES.get(slot)?, keys::INDEX_KEYS.get(slot)?);
        Some(Self { name, sort_key, is_by_id: false })
    }
}

/// The index to read, and the range of its sort key.
pub(super) struct Access {
    pub(super) index: Index,
    /// Its number among the indexes of the kind; `None` for `by_created` and `by_updated`.
    pub(super) slot: Option<usize>,
    pub(super) range: Range,
}

/// The index that serves an order. Rows with equal values in an index are in the order of creation, so the
/// first index with an equality serves that order, too. For a caller that sees only its own resources, this
/// is the index over `created_by`, if there is one.
pub(super) fn access(scope: &Scope, filter: &Filter, order: SortOrder) -> Result<Access, Error> {
    let kind = scope.kind();
    let no_index = || Error::defect("the table has no such index");
    match order.by {
        SortBy::Created => {
            let created = range(filter, |condition| match condition {
                Condition::Created(operator, time) => Some(Range::of_ids(*operator, *time)),
                _ => None,
            });
            let owned = scope
                .owner
                .as_ref()
                .and_then(|owner| Some((slot_of(kind, Indexed::CreatedBy)?, subject_key(owner))));
            let Some((slot, value)) = owned.or_else(|| equality(kind, filter)) else {
                return Ok(Access { index: Index::CREATED, slot: None, range: created });
            };
            // Together with the other conditions on the same field.
            let of_value = Range::of_values(Operator::Equal, &value).and(range_of_slot(kind, filter, slot));
            let of_times = created.below(&format!("{}{}", value.text, END));
            let index = Index::of_slot(slot).ok_or_else(no_index)?;
            Ok(Access { index, slot: Some(slot), range: of_value.and(of_times) })
        }
        SortBy::Updated => {
            let updated = range(filter, |condition| match condition {
                Condition::Updated(operator, time) => {
                    Some(Range::of_values(*operator, &keys::updated(*time)))
                }
                _ => None,
            });
            Ok(Access { index: Index::UPDATED, slot: None, range: updated })
        }
        SortBy::Index(slot) => {
            let values = range_of_slot(kind, filter, slot);
            let index = Index::of_slot(slot).ok_or_else(no_index)?;
            Ok(Access { index, slot: Some(slot), range: values })
        }
    }
}

/// The range that remains after all conditions that `of` accepts.
fn range(filter: &Filter, of: impl Fn(&Condition) -> Option<Range>) -> Range {
    filter.conditions.iter().filter_map(of).fold(Range::default(), Range::and)
}

/// The range of an index's sort key that remains after all conditions on its field.
fn range_of_slot(kind: &'static Kind, filter: &Filter, slot: usize) -> Range {
    range(filter, |condition| {
        let (indexed, operator, value) = comparable(kind, condition)?;
        (slot_of(kind, indexed) == Some(slot)).then(|| Range::of_values(operator, &value))
    })
}

/// The first index with a condition of equality, and the value.
fn equality(kind: &'static Kind, filter: &Filter) -> Option<(usize, IndexKey)> {
    let equal = |indexed: Indexed| {
        let condition = filter.conditions.iter().find_map(|condition| {
            let (on, operator, value) = comparable(kind, condition)?;
            (on == indexed && operator == Operator::Equal).then_some(value)
        });
        match (indexed, &filter.statuses[..]) {
            // With `Lists::ByStatus`, each status has its own partitions.
            (Indexed::Status, [ShownStatus::Living(status)]) if kind.lists == Lists::Together => {
                Some(IndexKey::of_plain(status.as_str()))
            }
            _ => condition,
        }
    };
    kind.readable_indexes().find_map(|(slot, _, indexed)| Some((slot, equal(indexed)?)))
}

/// The indexed attribute of a condition, and its value as an index key.
fn comparable(kind: &'static Kind, condition: &Condition) -> Option<(Indexed, Operator, IndexKey)> {
    match condition {
        Condition::CreatedBy(subject) => Some((Indexed::CreatedBy, Operator::Equal, subject_key(subject))),
        Condition::Field(field, operator, value) => {
            let key = index_key(kind.declaration(*field)?, value)?;
            Some((Indexed::Field(*field), *operator, key))
        }
        Condition::Created(..) | Condition::Updated(..) => None,
    }
}

/// The number of the index over this field, or over the status or `created_by`.
pub(super) fn slot_of(kind: &'static Kind, indexed: Indexed) -> Option<usize> {
    kind.readable_indexes().find(|(_, _, over)| *over == indexed).map(|(slot, ..)| slot)
}

/// Whether an index is over the status.
pub(super) fn is_over_status(kind: &'static Kind, slot: usize) -> bool {
    slot_of(kind, Indexed::Status) == Some(slot)
}

/// Whether no resource can fulfil all conditions.
pub(super) fn contradicts_itself(kind: &'static Kind, filter: &Filter) -> bool {
    let over = |condition: &Condition| match condition {
        Condition::Created(operator, time) => Some(("created_at", Range::of_ids(*operator, *time))),
        Condition::Updated(operator, time) => {
            Some(("updated_at", Range::of_values(*operator, &keys::updated(*time))))
        }
        condition => {
            let (indexed, operator, value) = comparable(kind, condition)?;
            let name = match indexed {
                Indexed::Field(field) => kind.name_of(field),
                Indexed::Status => "status",
                Indexed::CreatedBy => "created_by",
            };
            Some((name, Range::of_values(operator, &value)))
        }
    };
    let ranges: Vec<_> = filter.conditions.iter().filter_map(over).collect();
    ranges.iter().any(|(name, _)| {
        let of_it = ranges.iter().filter(|(other, _)| other == name).map(|(_, range)| range.clone());
        of_it.fold(Range::default(), Range::and).is_empty()
    })
}
