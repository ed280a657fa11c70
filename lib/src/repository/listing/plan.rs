//! From what a list is asked for to what DynamoDB is asked for. Pure.

use crate::Error;
use crate::domain::{Filter, ListRequest, Shards, SortField, SortOrder, Tenant};
use crate::repository::item;
use crate::repository::keys;
use crate::repository::range::Range;

/// The most rows that one round of queries evaluates where a filter decides which are given: about 1 MB.
const MAX_FILTERED_ROWS: usize = 4096;
/// How many rows the first round evaluates then; each further one four times as many.
const FIRST_FILTERED_ROWS: usize = 256;
/// By how many rows a shard may exceed twice its share of a page before it has to be asked again.
const SHARE_MARGIN: usize = 8;

/// How a page is read: one query for each partition, all at once, and more where these leave it short.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) index: Index,
    /// Values of the index's partition key, statuses × shards; none where nothing can be within the ranges.
    pub(super) partitions: Vec<String>,
    /// The part of the index's sort key that is read.
    pub(super) range: Range,
    pub(super) order: SortOrder,
    /// What no key can serve: ranges of other attributes, by name.
    pub(super) filter: Vec<(&'static str, Range)>,
    /// How many rows are skipped.
    pub(super) skip: usize,
    /// How many rows are given at most.
    pub(super) limit: usize,
    shards: Shards,
}

/// An index of the resources table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) name: &'static str,
    pub(super) sort_key: &'static str,
}

impl Index {
    fn of(by: SortField) -> Self {
        match by {
            SortField::Created => Self { name: keys::BY_CREATED, sort_key: keys::ID },
            SortField::Updated => Self { name: keys::BY_UPDATED, sort_key: keys::UPDATED_KEY },
            SortField::Name => Self { name: keys::BY_NAME, sort_key: keys::NAME_KEY },
        }
    }
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
        let (mut range, filter) = ranges(&request.filter, request.order);
        if let Some(position) = position {
            range = range.behind(position, request.order).ok_or(Error::InvalidCursor)?;
        }
        let nothing = range.is_empty() || filter.iter().any(|(_, range)| range.is_empty());
        let statuses = if nothing { &[][..] } else { &request.filter.statuses };
        Ok(Self {
            index: Index::of(request.order.by),
            partitions: keys::listings(tenant, statuses, shards),
            range,
            order: request.order,
            filter,
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
        let filter: Vec<_> = self.filter.iter().map(|(attribute, _)| *attribute).collect();
        tracing::debug!(
            index = self.index.name,
            partitions = self.partitions.len(),
            from = bound(&self.range.from),
            to = bound(&self.range.to),
            descending = self.order.descending,
            filter = filter.join(","),
            projection = self.attributes().join(","),
            skip = self.skip,
            limit = self.limit,
            rows = self.rows_to_read(self.wanted(), 0, self.partitions.len()),
            "plan of a list"
        );
    }

    /// What a query reads of each row: what the index holds of a resource, and the row's place in it.
    pub(super) fn attributes(&self) -> Vec<&'static str> {
        let mut attributes = item::attributes(item::INDEX_FIELDS);
        if !attributes.contains(&self.index.sort_key) {
            attributes.push(self.index.sort_key);
        }
        attributes
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
        if self.filter.is_empty() {
            return needed;
        }
        let rows = FIRST_FILTERED_ROWS.saturating_mul(4_usize.saturating_pow(round)).min(MAX_FILTERED_ROWS);
        needed.max(rows / partitions.max(1))
    }
}

/// What the index's sort key decides, and what is left for a filter.
fn ranges(filter: &Filter, order: SortOrder) -> (Range, Vec<(&'static str, Range)>) {
    let mut filters = Vec::new();
    if let Some(subject) = &filter.created_by {
        filters.push(("created_by", Range::only(subject)));
    }
    if order.by != SortField::Created {
        filters.push((keys::ID, Range::of_ids(filter.created)));
    }
    if order.by != SortField::Updated {
        filters.push(("updated_at", Range::of_times(filter.updated)));
    }
    filters.retain(|(_, range)| !range.is_everything());
    let range = match order.by {
        SortField::Created => Range::of_ids(filter.created),
        SortField::Updated => Range::of_updated_keys(filter.updated),
        SortField::Name => Range::default(),
    };
    (range, filters)
}
