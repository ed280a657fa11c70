//! Plans the queries of a list. Pure.

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

/// The most rows that one round of queries evaluates if there is a filter: about 1 MB.
const MAX_FILTERED_ROWS: usize = 4096;
/// How many rows the first round evaluates if there is a filter. Each further round evaluates four times as
/// many.
const FIRST_FILTERED_ROWS: usize = 256;
/// How many rows more than twice its share of a page a shard may have before it must be queried again.
const SHARE_MARGIN: usize = 8;

/// The plan of a page: one query for each partition, all concurrently, and further rounds if these leave the
/// page short.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    kind: &'static Kind,
    pub(super) index: Index,
    /// The partitions of the index. There are none if no row can fulfil the conditions.
    pub(super) partitions: Vec<Partition>,
    /// The range of the index's sort key.
    pub(super) range: Range,
    pub(super) order: SortOrder,
    /// The conditions that no key serves.
    pub(super) filter: Vec<Comparison>,
    /// The conditions on folded texts, which DynamoDB cannot compare.
    pub(super) texts: Vec<TextComparison>,
    /// Whether the queries read rows that the caller may not see.
    reads_others: bool,
    /// How many rows are skipped.
    pub(super) skip: usize,
    /// The most rows of the page.
    pub(super) limit: usize,
    shards: Shards,
}

/// A partition of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partition {
    /// The index's partition key.
    pub(super) listing: String,
    /// The statuses to return, if the partition has others.
    pub(super) statuses: Option<Vec<&'static str>>,
}

impl Plan {
    /// The plan for a page that begins after `position`, and after `skip` more rows.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`] if `position` is not a position in the order of the list.
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

    /// Logs the plan without tenant, subject and values.
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

    /// The attributes that a query reads of each row: those of all indexes, and the sort key of this one.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths = projection::index_paths();
        paths.push(self.index.sort_key.to_owned());
        paths
    }

    /// Whether a row fulfils the conditions that DynamoDB cannot compare.
    pub(super) fn has(&self, row: &Item) -> bool {
        self.texts.iter().all(|comparison| comparison.holds(row))
    }

    /// The position at which the next page starts if this one was cut short: the position that was read to.
    /// It may be the key of a row that the caller may not see. If such rows were read, the position of the
    /// last visible row is used instead.
    ///
    /// # Errors
    /// If there is no visible row: [`Error::InvalidQuery`] if the read budget is spent, otherwise
    /// [`Error::Unavailable`].
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

    /// How many rows must be found: those to skip, those of the page, and one more to find out whether the
    /// list continues.
    pub(super) fn wanted(&self) -> usize {
        self.skip + self.limit + 1
    }

    /// The limit of a query, if `missing` rows are still to be found in this round of queries to `partitions`
    /// partitions. It is the number of rows that the page can still need. It is less if ids are spread over
    /// shards, because no shard has much more than its share, and more if there is a filter.
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

/// The statuses to return from a partition, if it has others.
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
