//! From what a list is asked for to what DynamoDB is asked for. Pure.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::Error;
use crate::domain::{
    Collection, Condition, FieldRef, FieldValue, Filter, IndexKey, Indexed, Kind, ListRequest, Lists,
    Operator, Shards, ShownStatus, SortBy, SortOrder, Status, Tenant, Type, fold, index_key, subject_key,
};
use crate::repository::attribute_value::from_field;
use crate::repository::item::{self, Item};
use crate::repository::keys;
use crate::repository::range::Range;

/// The most rows that one round of queries evaluates where a filter decides which are given: about 1 MB.
const MAX_FILTERED_ROWS: usize = 4096;
/// How many rows the first round evaluates then; each further one four times as many.
const FIRST_FILTERED_ROWS: usize = 256;
/// By how many rows a shard may exceed twice its share of a page before it has to be asked again.
const SHARE_MARGIN: usize = 8;

/// How a page is read: one query for each partition, all at once, and more where these leave it short.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    kind: &'static Kind,
    pub(super) index: Index,
    /// The partitions of the index; none where nothing can be within the ranges.
    pub(super) partitions: Vec<Partition>,
    /// The part of the index's sort key that is read.
    pub(super) range: Range,
    pub(super) order: SortOrder,
    /// What no key can serve.
    pub(super) filter: Vec<Comparison>,
    /// What DynamoDB cannot compare either: texts in their folded form.
    pub(super) texts: Vec<TextComparison>,
    /// How many rows are skipped.
    pub(super) skip: usize,
    /// How many rows are given at most.
    pub(super) limit: usize,
    shards: Shards,
}

/// A partition of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partition {
    /// The index's partition key.
    pub(super) listing: String,
    /// The statuses that are given, where there are others in the partition.
    pub(super) statuses: Option<Vec<&'static str>>,
}

/// A condition that DynamoDB compares in a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    pub(super) path: String,
    pub(super) operator: Operator,
    pub(super) value: AttributeValue,
}

/// A condition on a text that is compared in its folded form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextComparison {
    field: &'static str,
    operator: Operator,
    folded: String,
}

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

/// The index that is read, and what of the conditions it serves.
struct Access {
    index: Index,
    /// What the index is over, besides times.
    slot: Option<usize>,
    range: Range,
}

impl Plan {
    /// The plan for a page that begins behind `position`, and `skip` rows later.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`] when `position` is no place in the list's order.
    pub(super) fn new(
        tenant: &Tenant,
        request: &ListRequest,
        position: Option<&str>,
        skip: usize,
        shards: Shards,
    ) -> Result<Self, Error> {
        let (kind, order) = (request.kind, request.order);
        let collection = Collection { tenant: tenant.clone(), kind };
        let Access { index, slot, mut range } = access(kind, &request.filter, order)?;
        if let Some(position) = position {
            range = range.behind(position, index.is_by_id, order.descending).ok_or(Error::InvalidCursor)?;
        }
        let (mut filter, mut texts) = (Vec::new(), Vec::new());
        for condition in &request.filter.conditions {
            match condition {
                Condition::Field(field, operator, value) if is_text(kind, *field) => {
                    texts.extend(text_left_over(kind, *field, *operator, value, slot));
                }
                condition => filter.extend(left_over(&collection, condition, order.by, slot)),
            }
        }
        let nothing = range.is_empty() || contradicts_itself(kind, &request.filter);
        let statuses = if nothing { &[][..] } else { &request.filter.statuses };
        let served = slot.is_some_and(|slot| is_over_status(kind, slot)) && order.by == SortBy::Created;
        let partition = |(listing, statuses): (String, Vec<ShownStatus>)| Partition {
            listing,
            statuses: narrowing(kind, &statuses).filter(|_| !served),
        };
        let partitions = keys::listings(&collection, statuses, shards).into_iter().map(partition).collect();
        Ok(Self { kind, index, partitions, range, order, filter, texts, skip, limit: request.limit, shards })
    }

    /// Says in the log how the page is read, but not of whom and of what.
    pub(super) fn log(&self) {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let bound = |bound: &Option<String>| if bound.is_some() { "bound" } else { "open" };
        let statuses = self.partitions.iter().any(|partition| partition.statuses.is_some());
        let filter = self.filter.iter().map(|comparison| comparison.path.as_str());
        let filter = filter.chain(statuses.then_some("summary.status"));
        let filter: Vec<_> = filter.chain(self.texts.iter().map(|comparison| comparison.field)).collect();
        tracing::debug!(
            kind = self.kind.name,
            index = self.index.name,
            partitions = self.partitions.len(),
            from = bound(&self.range.from),
            to = bound(&self.range.to),
            descending = self.order.descending,
            filter = filter.join(","),
            projection = self.paths().join(","),
            skip = self.skip,
            limit = self.limit,
            rows = self.rows_to_read(self.wanted(), 0, self.partitions.len()),
            "plan of a list"
        );
    }

    /// What a query reads of each row: what the index holds of a resource, and the row's place in it.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths = item::index_paths();
        paths.push(self.index.sort_key.to_owned());
        paths
    }

    /// Whether a row is one of the list, by what DynamoDB could not compare.
    pub(super) fn has(&self, row: &Item) -> bool {
        self.texts.iter().all(|comparison| comparison.holds(row))
    }

    /// How many rows must be found: those to be skipped, those of the page, and one that tells whether there are more.
    pub(super) fn wanted(&self) -> usize {
        self.skip + self.limit + 1
    }

    /// How many rows a query asks for, when `missing` rows are still to be found in this round of queries to some
    /// `partitions`. No more than the page can still need; less where ids are spread over shards, for none has much more
    /// than its share; and more where a filter leaves few of the rows that are read.
    pub(super) fn rows_to_read(&self, missing: usize, round: u32, partitions: usize) -> usize {
        let shards = self.shards.count();
        let needed =
            if shards == 1 { missing } else { missing.min(2 * missing.div_ceil(shards) + SHARE_MARGIN) };
        let narrowed = self.partitions.iter().any(|partition| partition.statuses.is_some());
        if self.filter.is_empty() && self.texts.is_empty() && !narrowed {
            return needed;
        }
        let rows = FIRST_FILTERED_ROWS.saturating_mul(4_usize.saturating_pow(round)).min(MAX_FILTERED_ROWS);
        needed.max(rows / partitions.max(1))
    }
}

impl TextComparison {
    fn holds(&self, row: &Item) -> bool {
        let text = item::summary_text(row, self.field);
        text.is_some_and(|text| self.operator.holds(fold(text).as_str(), self.folded.as_str()))
    }
}

/// The index that serves an order, and the part of it that is read. What is equal in an index is in the order of creation
/// there: so the first index with such a condition serves that order, too.
fn access(kind: &'static Kind, filter: &Filter, order: SortOrder) -> Result<Access, Error> {
    let no_index = || Error::defect("the table has no such index");
    match order.by {
        SortBy::Created => {
            let created = range(filter, |condition| match condition {
                Condition::Created(operator, time) => Some(Range::of_ids(*operator, *time)),
                _ => None,
            });
            let Some((slot, value)) = equality(kind, filter) else {
                return Ok(Access { index: Index::CREATED, slot: None, range: created });
            };
            let of_value = Range::of_values(Operator::Equal, &value);
            let of_times = created.below(&format!("{}{}", value.text, crate::domain::END));
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
            let values = range(filter, |condition| {
                let (indexed, operator, value) = comparable(kind, condition)?;
                (slot_of(kind, indexed) == Some(slot)).then(|| Range::of_values(operator, &value))
            });
            let index = Index::of_slot(slot).ok_or_else(no_index)?;
            Ok(Access { index, slot: Some(slot), range: values })
        }
    }
}

/// The part of an index that all conditions on what it is over leave.
fn range(filter: &Filter, of: impl Fn(&Condition) -> Option<Range>) -> Range {
    filter.conditions.iter().filter_map(of).fold(Range::default(), Range::and)
}

/// The first index over something that must be equal to a value, and the value.
fn equality(kind: &'static Kind, filter: &Filter) -> Option<(usize, IndexKey)> {
    let equal = |indexed: Indexed| {
        let condition = filter.conditions.iter().find_map(|condition| {
            let (on, operator, value) = comparable(kind, condition)?;
            (on == indexed && operator == Operator::Equal).then_some(value)
        });
        match (indexed, &filter.statuses[..]) {
            // A list of each status needs no index over it.
            (Indexed::Status, [ShownStatus::Living(status)]) if kind.lists == Lists::Together => {
                Some(IndexKey::of_plain(status.as_str()))
            }
            _ => condition,
        }
    };
    kind.readable_indexes().find_map(|(slot, _, indexed)| Some((slot, equal(indexed)?)))
}

/// What a condition is on, and the value in the form of index keys.
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

fn slot_of(kind: &'static Kind, indexed: Indexed) -> Option<usize> {
    kind.readable_indexes().find(|(_, _, over)| *over == indexed).map(|(slot, ..)| slot)
}

fn is_over_status(kind: &'static Kind, slot: usize) -> bool {
    slot_of(kind, Indexed::Status) == Some(slot)
}

/// Whether no resource can be all of this.
fn contradicts_itself(kind: &'static Kind, filter: &Filter) -> bool {
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

/// What of a condition is left for a filter, where a page is read in an order, from the index of a slot.
fn left_over(
    collection: &Collection,
    condition: &Condition,
    order: SortBy,
    slot: Option<usize>,
) -> Vec<Comparison> {
    let kind = collection.kind;
    let compared = |path: &str, operator, value| Comparison { path: path.to_owned(), operator, value };
    let text = |path: &str, operator, text: String| compared(path, operator, AttributeValue::S(text));
    let served = |indexed| slot.is_some() && slot == slot_of(kind, indexed);
    match condition {
        Condition::Created(operator, time) if order != SortBy::Created => {
            // The table's key, which every index holds, ends with the id.
            let Range { from, to } = Range::of_ids(*operator, *time).below(&format!("{collection}#"));
            let bound = |bound: Option<String>, operator| {
                bound.map(|bound| text(keys::PARTITION_KEY, operator, bound))
            };
            let bounds = [bound(from, Operator::GreaterOrEqual), bound(to, Operator::LessOrEqual)];
            bounds.into_iter().flatten().collect()
        }
        Condition::Updated(operator, time) if order != SortBy::Updated => {
            vec![text("updated_at", *operator, time.to_string())]
        }
        Condition::CreatedBy(subject) if !served(Indexed::CreatedBy) => {
            vec![text(item::CREATED_BY, Operator::Equal, subject.clone())]
        }
        Condition::Field(field, operator, value) if !served(Indexed::Field(*field)) => {
            let path = format!("{}.{}", item::SUMMARY, kind.name_of(*field));
            from_field(value).map(|value| compared(&path, *operator, value)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn is_text(kind: &'static Kind, field: FieldRef) -> bool {
    kind.declaration(field).is_some_and(|field| matches!(field.field_type, Type::Text(_)))
}

/// What of a condition on a text is left: all of it in another index, and in its own where the key is cut.
fn text_left_over(
    kind: &'static Kind,
    field: FieldRef,
    operator: Operator,
    value: &FieldValue,
    slot: Option<usize>,
) -> Option<TextComparison> {
    let folded = fold(value.as_text()?);
    let served = slot.is_some() && slot == slot_of(kind, Indexed::Field(field));
    let decided = served && !IndexKey::of_folded(&folded).cut;
    (!decided).then(|| TextComparison { field: kind.name_of(field), operator, folded })
}

/// The statuses that are given of a partition, where it holds others, too.
fn narrowing(kind: &Kind, statuses: &[ShownStatus]) -> Option<Vec<&'static str>> {
    let living: Vec<_> = statuses
        .iter()
        .filter_map(|status| match status {
            ShownStatus::Living(status) => Some(Status::as_str(*status)),
            ShownStatus::Deleted => None,
        })
        .collect();
    let all = living.is_empty() || living.len() == kind.statuses.words.len();
    (kind.lists == Lists::Together && !all).then_some(living)
}
