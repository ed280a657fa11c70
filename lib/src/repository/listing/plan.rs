//! From what a list is asked for to what DynamoDB is asked for. Pure.

use super::access::{Access, Index, access, contradicts_itself, is_over_status, slot_of};
use super::filter::{Comparison, TextComparison, left_over};
use super::merge::Merge;
use crate::Error;
use crate::domain::{
    Condition, Fault, Faults, Indexed, Kind, ListRequest, Lists, Position, Scope, Shards, ShownStatus,
    SortBy, SortOrder, Status,
};
use crate::repository::item::Item;
use crate::repository::keys;
use crate::repository::projection;
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
    /// Whether rows are read that the caller may not see.
    reads_others: bool,
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

impl Plan {
    /// The plan for a page that begins behind `position`, and `skip` rows later.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`] when `position` is no place in the list's order.
    pub(super) fn new(
        scope: &Scope,
        request: &ListRequest,
        position: Option<&str>,
        skip: usize,
        shards: Shards,
    ) -> Result<Self, Error> {
        let Scope { collection, owner } = scope;
        let (kind, order) = (request.kind, request.order);
        let mut filter = request.filter.clone();
        filter.conditions.extend(owner.clone().map(Condition::CreatedBy));
        let Access { index, slot, mut range } = access(scope, &filter, order)?;
        if let Some(position) = position {
            range = range.behind(position, index.is_by_id, order.descending).ok_or(Error::InvalidCursor)?;
        }
        let (comparisons, texts) = left_over(collection, &filter, order.by, slot);
        let by_owner = slot.is_some() && slot == slot_of(kind, Indexed::CreatedBy);
        let reads_others = owner.is_some() && !by_owner;
        let nothing = range.is_empty() || contradicts_itself(kind, &filter);
        let statuses = if nothing { &[][..] } else { &filter.statuses };
        let served = slot.is_some_and(|slot| is_over_status(kind, slot)) && order.by == SortBy::Created;
        let partition = |(listing, statuses): (String, Vec<ShownStatus>)| Partition {
            listing,
            statuses: narrowing(kind, &statuses).filter(|_| !served),
        };
        let partitions = keys::listings(collection, statuses, shards).into_iter().map(partition).collect();
        Ok(Self {
            kind,
            index,
            partitions,
            range,
            order,
            filter: comparisons,
            texts,
            reads_others,
            skip,
            limit: request.limit,
            shards,
        })
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
        let mut paths = projection::index_paths();
        paths.push(self.index.sort_key.to_owned());
        paths
    }

    /// Whether a row is one of the list, by what DynamoDB could not compare.
    pub(super) fn has(&self, row: &Item) -> bool {
        self.texts.iter().all(|comparison| comparison.holds(row))
    }

    /// Where the next page starts if this one was cut short: where reading stopped. If rows that the caller may not see were
    /// read, that position could be the key of one of them; then it is the position of the last visible row instead.
    ///
    /// # Errors
    /// When there is no visible row: [`Error::InvalidQuery`] if the read budget is spent, otherwise [`Error::Unavailable`].
    pub(super) fn rest(&self, merge: &Merge, spent: bool) -> Result<Option<Position>, Error> {
        let Some(read_to) = merge.read_to() else { return Ok(None) };
        if !self.reads_others {
            return Ok(Some(read_to.clone()));
        }
        match merge.last_certain() {
            Some(last) => Ok(Some(last.clone())),
            None if spent => {
                let message = "None of your resources was found within the read limit of a page. Narrow the list with created_at";
                Err(Error::InvalidQuery(Faults::of(Fault::parameter("sort", "invalid_value", message))))
            }
            None => Err(Error::Unavailable("there is no time to find the caller's own resources".into())),
        }
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
