//! Lists for a caller that sees only its own resources, in any order but that of creation. All of its
//! resources are read from the index over `created_by` and sorted by the function, so that neither the cost
//! of a page nor its cursor reveals other resources.

use futures_util::future::try_join_all;

use super::access::slot_of;
use super::plan::Plan;
use super::{Listed, READ_BUDGET, TIME_RESERVE};
use crate::domain::{
    Continuation, Fault, Faults, Indexed, Kind, ListRequest, Position, Resource, Scope, SortBy, SortOrder,
    Timestamp, View,
};
use crate::repository::{ResourceRepository, item, keys};
use crate::{Error, deadline};

/// The most rows of all concurrent queries together: about 1 MB.
const ROWS: usize = 4096;
/// The most concurrent queries. Each returns at most 1 MB.
const CONCURRENCY: usize = 8;

/// Whether a list is sorted by the function.
pub(super) fn is_sorted_here(scope: &Scope, by: SortBy) -> bool {
    scope.owner.is_some() && by != SortBy::Created && slot_of(scope.kind(), Indexed::CreatedBy).is_some()
}

impl ResourceRepository {
    /// Reads and sorts a page.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] if the caller's own resources exceed the read budget of a page.
    pub(super) async fn list_own(
        &self,
        scope: &Scope,
        request: &ListRequest,
        plan: &Plan,
        now: Timestamp,
    ) -> Result<Listed, Error> {
        let order = SortOrder { by: SortBy::Created, descending: false };
        let everything = Plan::new(scope, &ListRequest { order, ..request.clone() }, None, 0, self.shards)?;
        everything.log();
        let (mut rows, mut units) = (Vec::new(), 0.0);
        let mut pending: Vec<(usize, Option<Position>)> =
            (0..everything.partitions.len()).map(|partition| (partition, None)).collect();
        while !pending.is_empty() {
            if units >= READ_BUDGET {
                return Err(too_many());
            }
            if units > 0.0 && deadline::time_left() < TIME_RESERVE {
                return Err(Error::Unavailable(
                    "there is no time to read all that the caller created".into(),
                ));
            }
            let next = pending.split_off(pending.len().saturating_sub(CONCURRENCY));
            let share = ROWS / next.len().max(1);
            let queries = next
                .into_iter()
                .map(|(partition, read_to)| self.query(&everything, partition, read_to, share));
            for (answer, taken) in try_join_all(queries).await? {
                units += taken;
                pending.extend(answer.read_to.map(|read_to| (answer.partition, Some(read_to))));
                for (_, row) in answer.rows {
                    if !item::exists_at(&row, now) || !everything.has(&row) {
                        continue;
                    }
                    let view = item::to_view(request.kind, row, request.kind.index_fields())?;
                    let position = position(request.kind, plan.order.by, view.resource());
                    rows.extend(
                        position.filter(|it| plan.range.contains(it)).map(|position| (position, view)),
                    );
                }
            }
            // Rows after the end of the page are not needed.
            if rows.len() > 2 * plan.wanted() {
                sort(plan, &mut rows);
                rows.truncate(plan.wanted());
            }
        }
        Ok(page(plan, rows))
    }
}

fn too_many() -> Error {
    let message =
        "Too many resources to sort in this order. Narrow the list with created_at, or use sort=created";
    Error::InvalidQuery(Faults::of(Fault::parameter("sort", "invalid_value", message)))
}

/// The position of a resource in an order; `None` if it has no value there.
fn position(kind: &'static Kind, by: SortBy, resource: &Resource) -> Option<Position> {
    let key = match by {
        SortBy::Created => return Some(resource.id.to_string()),
        SortBy::Updated => keys::updated(resource.updated_at),
        SortBy::Index(slot) => {
            let name = kind.indexes.get(slot)?;
            kind.indexed(name)?.key_of(&resource.values, &resource.created_by)?
        }
    };
    Some(keys::sort_key(&key, resource.id))
}

fn sort(plan: &Plan, rows: &mut [(Position, View)]) {
    rows.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    if plan.order.descending {
        rows.reverse();
    }
}

fn page(plan: &Plan, mut rows: Vec<(Position, View)>) -> Listed {
    sort(plan, &mut rows);
    let more = rows.len() > plan.skip.saturating_add(plan.limit);
    let rows: Vec<_> = rows.into_iter().skip(plan.skip).take(plan.limit).collect();
    let last = rows.last().filter(|_| more);
    Listed { next: last.map(|(position, _)| Continuation::behind(position.clone())), rows }
}
