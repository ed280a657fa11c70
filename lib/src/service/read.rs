//! The rules for reading resources: one, many by id, and lists.

use std::collections::{HashMap, HashSet};

use super::ReadService;
use crate::Error;
use crate::cache::Freshness;
use crate::domain::{
    BatchGetResult, Caller, Continuation, Field, Fields, ListRequest, Page, PageStart, Permission,
    ResourceId, Row, Selection, ShownStatus, Tenant, Timestamp, View,
};
use crate::repository::Listed;

/// How much is read for the rows of a page before those that DynamoDB left are left to the next page, in bytes. No answer
/// holds more.
const MAX_READ_OF_PAGE: f64 = 5e6;

impl ReadService {
    /// One page of the caller's resources.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when it is to have deleted ones and the caller may not delete, [`Error::InvalidCursor`] when the
    /// cursor is not one of this list's.
    pub async fn list(
        &self,
        caller: &Caller,
        request: &ListRequest,
        freshness: Freshness,
        now: Timestamp,
    ) -> Result<Page, Error> {
        let deleted = request.filter.statuses.contains(&ShownStatus::Deleted);
        if deleted && !caller.role.permits(Permission::Delete) {
            return Err(Error::Forbidden);
        }
        let tenant = &caller.tenant;
        let binding = request.binding(tenant);
        let (position, skip) = match &request.start {
            PageStart::Offset(skip) => (None, *skip),
            PageStart::Cursor(cursor) => {
                let next = cursor.continuation(binding).ok_or(Error::InvalidCursor)?;
                (Some(next.position), next.skip)
            }
        };
        let mut listed = self.lists.list(tenant, request, position.as_deref(), skip, now).await?;
        if listed.rows.iter().any(|(_, view)| !view.has(needed(request.selection))) {
            listed = self.read_rows(tenant, request, listed, now).await?;
        }
        let (positions, views): (Vec<_>, Vec<_>) = listed.rows.into_iter().unzip();
        let rows = self.rows(tenant, views, request.selection, freshness).await?;
        Ok(Page { rows: positions.into_iter().zip(rows).collect(), next: listed.next, binding })
    }

    /// One resource.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller has no such resource.
    pub async fn get(
        &self,
        caller: &Caller,
        id: ResourceId,
        selection: Selection,
        freshness: Freshness,
    ) -> Result<Row, Error> {
        let view = self.by_id.view(&caller.tenant, id, needed(selection), freshness).await?;
        let row = self.rows(&caller.tenant, vec![view], selection, freshness).await?.pop();
        row.ok_or_else(|| Error::defect("a resource makes no row"))
    }

    /// The resources that one is related to, in the order of its `related_ids`.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller has no such resource.
    pub async fn related(
        &self,
        caller: &Caller,
        id: ResourceId,
        fields: Fields,
        freshness: Freshness,
    ) -> Result<BatchGetResult, Error> {
        let relations = Fields::of(&[Field::RelatedIds]);
        let resource = self.by_id.view(&caller.tenant, id, relations, freshness).await?;
        self.batch_get(caller, resource.related_ids(), fields, freshness).await
    }

    /// The resources of some ids, in their order.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn batch_get(
        &self,
        caller: &Caller,
        ids: &[ResourceId],
        fields: Fields,
        freshness: Freshness,
    ) -> Result<BatchGetResult, Error> {
        let found = self.by_id.views(&caller.tenant, ids.iter().copied(), fields, freshness).await?;
        Ok(batch(ids, &found))
    }

    /// Reads the resources of a page, for fields that the index does not hold. Those that are gone from the list by now
    /// are left out, and so is everything behind the first that DynamoDB left when enough was read.
    async fn read_rows(
        &self,
        tenant: &Tenant,
        request: &ListRequest,
        listed: Listed,
        now: Timestamp,
    ) -> Result<Listed, Error> {
        let Listed { mut rows, mut next } = listed;
        let fields = needed(request.selection);
        let ids: Vec<_> = rows.iter().map(|(_, view)| view.id()).collect();
        let mut read = self.lists.views_up_to(tenant, ids, fields, MAX_READ_OF_PAGE).await?;
        if let Some(first_left) = rows.iter().position(|(_, view)| read.unprocessed.contains(&view.id())) {
            rows.truncate(first_left);
            next = rows.last().map(|(position, _)| Continuation::behind(position.clone()));
        }
        let in_the_list =
            |view: &View| request.filter.statuses.contains(&view.shown_status()) && view.exists_at(now);
        let rows = rows.into_iter().filter_map(|(position, view)| {
            let view = read.found.remove(&view.id()).filter(in_the_list)?;
            Some((position, view))
        });
        Ok(Listed { rows: rows.collect(), next })
    }

    /// Resources as they were asked for: their relations are read for all of them at once.
    async fn rows(
        &self,
        tenant: &Tenant,
        views: Vec<View>,
        selection: Selection,
        freshness: Freshness,
    ) -> Result<Vec<Row>, Error> {
        let mut related = None;
        if selection.related {
            let ids = views.iter().flat_map(|view| view.related_ids().to_vec());
            related = Some(self.by_id.views(tenant, ids, Fields::SUMMARY, freshness).await?);
        }
        let row = |view: View| Row {
            related: related.as_ref().map(|related| batch(view.related_ids(), related)),
            view: view.select(selection.fields),
        };
        Ok(views.into_iter().map(row).collect())
    }
}

/// The fields that must be read.
fn needed(selection: Selection) -> Fields {
    if selection.related { selection.fields.with(Field::RelatedIds) } else { selection.fields }
}

/// What ids lead to, in their order.
fn batch(ids: &[ResourceId], resources: &HashMap<ResourceId, View>) -> BatchGetResult {
    let mut seen = HashSet::new();
    let missing = ids.iter().filter(|id| !resources.contains_key(id) && seen.insert(**id));
    BatchGetResult {
        found: ids.iter().filter_map(|id| resources.get(id).cloned()).collect(),
        missing: missing.copied().collect(),
    }
}
