//! Lists: one query of an index for each partition, and the merged result.

mod access;
mod beyond;
mod filter;
mod merge;
mod own;
mod plan;

use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use futures_util::future::try_join_all;

use self::filter::Comparison;
use self::merge::{Merge, StoredResponse};
use self::plan::{Partition, Plan};
use super::expression::Expression;
use super::item::Item;
use super::{ResourceRepository, errors, item, keys};
use crate::domain::{Continuation, Kind, ListRequest, Position, Scope, Timestamp, View};
use crate::{Error, deadline};

/// The read capacity units after which a page is cut short: about 4 MB of an index. Queries in progress are
/// completed.
const READ_BUDGET: f64 = 500.0;
/// The time that a page leaves for reading the targets of its rows.
const TIME_RESERVE: Duration = Duration::from_secs(3);

/// Rows of a list, and the position at which it continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The rows, each with its position. They have the fields of the index.
    pub rows: Vec<(Position, View)>,
    /// Where the list continues; `None` at its end.
    pub next: Option<Continuation>,
}

impl ResourceRepository {
    /// A page of a list that begins after `position`, and after `skip` more rows. It has fewer rows than the
    /// limit only if it is the last, or if the read budget or the time was spent on rows that a filter
    /// excluded.
    ///
    /// # Errors
    /// [`Error::InvalidCursor`] if `position` is not a position in the order of the list. For a caller that
    /// sees only its own resources, [`Error::InvalidQuery`] if there are too many to sort, or if none is
    /// found within the read budget.
    pub async fn list(
        &self,
        scope: &Scope,
        request: &ListRequest,
        position: Option<&str>,
        skip: usize,
        now: Timestamp,
    ) -> Result<Listed, Error> {
        let plan = Plan::new(scope, request, position, skip, self.shards)?;
        if own::is_sorted_here(scope, request.order.by) {
            return self.list_own(scope, request, &plan, now).await;
        }
        plan.log();
        let mut merge = Merge::new(plan.partitions.len(), plan.order.descending);
        let mut read_units = 0.0;
        for round in 0.. {
            let missing = plan.wanted().saturating_sub(merge.certain());
            let partitions = merge.to_read(plan.wanted());
            let spent = read_units >= READ_BUDGET || deadline::time_left() < TIME_RESERVE;
            if missing == 0 || partitions.is_empty() || (spent && round > 0) {
                break;
            }
            let rows = plan.rows_to_read(missing, round, partitions.len());
            let queries = partitions
                .into_iter()
                .map(|(partition, read_to)| self.query(&plan, partition, read_to, rows));
            let answers = try_join_all(queries).await?;
            read_units += answers.iter().map(|(_, units)| units).sum::<f64>();
            merge.add(answers.into_iter().map(|(mut answer, _)| {
                // A deleted resource does not exist after `purge_at`, even if DynamoDB has not removed it
                // yet.
                answer.rows.retain(|(_, item)| item::exists_at(item, now) && plan.has(item));
                answer
            }));
        }
        page(request.kind, &plan, merge, read_units >= READ_BUDGET)
    }

    /// Continues to read a partition after the position that it has been read to. Returns the result and the
    /// consumed read capacity units.
    async fn query(
        &self,
        plan: &Plan,
        partition: usize,
        read_to: Option<Position>,
        rows: usize,
    ) -> Result<(StoredResponse, f64), Error> {
        let range = match &read_to {
            Some(position) => plan.range.clone().behind(position, plan.index.is_by_id, plan.order.descending),
            None => Some(plan.range.clone()),
        };
        let range = range.ok_or_else(|| Error::defect("an index gave a key that is none of its order"))?;
        if range.is_empty() {
            return Ok((StoredResponse { partition, rows: Vec::new(), read_to: None }, 0.0));
        }
        let mut expression = Expression::default();
        let projection = expression.projection(&plan.paths());
        let Some(Partition { listing, statuses }) = plan.partitions.get(partition) else {
            return Err(Error::defect("a plan has no such partition"));
        };
        let mut key_condition = expression.equals(keys::LISTING, listing.clone());
        if let Some(condition) = expression.within(plan.index.sort_key, &range) {
            key_condition = format!("{key_condition} AND {condition}");
        }
        let compare = |(number, it): (usize, &Comparison)| {
            expression.compare(&it.path, it.operator, it.value.clone(), number)
        };
        let mut filter: Vec<_> = plan.filter.iter().enumerate().map(compare).collect();
        filter.extend(statuses.as_ref().map(|statuses| expression.is_one_of("summary.status", statuses)));
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(plan.index.name)
            .key_condition_expression(key_condition)
            .set_filter_expression((!filter.is_empty()).then(|| filter.join(" AND ")))
            .projection_expression(projection)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .scan_index_forward(!plan.order.descending)
            .limit(i32::try_from(rows).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        let units = output.consumed_capacity.and_then(|capacity| capacity.capacity_units).unwrap_or_default();
        let sort_key = |item: &Item| item::text(item, plan.index.sort_key).map(str::to_owned);
        let read_to = output.last_evaluated_key.as_ref().map(sort_key).transpose()?;
        let rows = output.items.unwrap_or_default().into_iter().map(|item| Ok((sort_key(&item)?, item)));
        let rows = rows.collect::<Result<_, Error>>()?;
        Ok((StoredResponse { partition, rows, read_to }, units))
    }
}

/// The page of the rows that have been read. `spent` is whether the read budget is spent.
fn page(kind: &'static Kind, plan: &Plan, merge: Merge, spent: bool) -> Result<Listed, Error> {
    let certain = merge.certain();
    let skipped = plan.skip.min(certain);
    let rest = plan.rest(&merge, spent)?.map(|position| Continuation { position, skip: plan.skip - skipped });
    let mut rows = Vec::new();
    for (position, item) in merge.into_rows().into_iter().take(certain).skip(skipped).take(plan.limit) {
        rows.push((position, item::to_view(kind, item, kind.index_fields())?));
    }
    let next = match rows.last() {
        Some((last, _)) if certain > plan.skip + plan.limit => Some(Continuation::behind(last.clone())),
        _ => rest,
    };
    Ok(Listed { rows, next })
}

#[cfg(test)]
pub(in crate::repository) mod tests;
