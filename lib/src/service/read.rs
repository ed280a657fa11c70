//! Reads resources: one, many by id, and lists.

use std::collections::{HashMap, HashSet};

use super::{ReadService, scope};
use crate::Error;
use crate::cache::Freshness;
use crate::domain::{
    BatchGetResult, Caller, Collection, Continuation, Expansion, Field, FieldRef, Fields, Kind, ListRequest,
    Page, PageStart, Permission, ResourceId, ResourceKey, Row, Scope, Selection, ShownStatus, Tenant,
    Timestamp, View,
};
use crate::repository::Listed;

/// The bytes that are read for the rows of a page. Rows that DynamoDB has left unprocessed then belong to the
/// next page. No response is larger.
const MAX_READ_OF_PAGE: f64 = 5e6;

impl ReadService {
    /// One page of the caller's resources.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the list includes deleted resources and the caller may not delete,
    /// [`Error::InvalidCursor`] if the cursor belongs to another list.
    pub async fn list(
        &self,
        caller: &Caller,
        request: &ListRequest,
        freshness: Freshness,
        now: Timestamp,
    ) -> Result<Page, Error> {
        let deleted = request.filter.statuses.contains(&ShownStatus::Deleted);
        if deleted {
            Error::unless_permitted(caller, Permission::Delete, request.kind)?;
        }
        let scope = scope(caller, request.kind)?;
        let binding = request.binding(&scope);
        let (position, skip) = match &request.start {
            PageStart::Offset(skip) => (None, *skip),
            PageStart::Cursor(cursor) => {
                let next = cursor.continuation(binding).ok_or(Error::InvalidCursor)?;
                (Some(next.position), next.skip)
            }
        };
        let mut listed = self.lists.list(&scope, request, position.as_deref(), skip, now).await?;
        if listed.rows.iter().any(|(_, view)| !view.has(needed(request.selection))) {
            listed = self.read_rows(&scope, request, listed, now).await?;
        }
        let (positions, views): (Vec<_>, Vec<_>) = listed.rows.into_iter().unzip();
        let rows = self.rows(caller, views, request.selection, freshness).await?;
        Ok(Page { rows: positions.into_iter().zip(rows).collect(), next: listed.next, binding })
    }

    /// One resource.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the caller has no such resource.
    pub async fn get(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        id: ResourceId,
        selection: Selection,
        freshness: Freshness,
    ) -> Result<Row, Error> {
        let view = self.by_id.view(&scope(caller, kind)?, id, needed(selection), freshness).await?;
        let row = self.rows(caller, vec![view], selection, freshness).await?.pop();
        row.ok_or_else(|| Error::defect("a resource makes no row"))
    }

    /// The targets of all lists of references of a resource, in the order of the ids, with these fields of
    /// each kind.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the caller has no such resource.
    pub async fn related(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        id: ResourceId,
        fields: impl Fn(&'static Kind) -> Fields,
        freshness: Freshness,
    ) -> Result<BatchGetResult, Error> {
        let lists: Fields = kind.reference_lists().collect();
        let resource = self.by_id.view(&scope(caller, kind)?, id, lists, freshness).await?;
        let mut keys = Vec::new();
        for list in kind.reference_lists() {
            let collection = self.referred(&caller.tenant, kind, list)?;
            keys.extend(resource.references(list).iter().map(|id| (collection.clone(), *id)));
        }
        let found = self.by_id.views(caller, keys.iter().cloned(), fields, freshness).await?;
        Ok(batch(&keys, &found))
    }

    /// The resources of some ids, in their order.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn batch_get(
        &self,
        caller: &Caller,
        kind: &'static Kind,
        ids: &[ResourceId],
        fields: Fields,
        freshness: Freshness,
    ) -> Result<BatchGetResult, Error> {
        let collection = caller.collection(kind);
        let keys: Vec<ResourceKey> = ids.iter().map(|id| (collection.clone(), *id)).collect();
        let found = self.by_id.views(caller, keys.iter().cloned(), |_| fields, freshness).await?;
        Ok(batch(&keys, &found))
    }

    /// The collection that a reference of a kind points to.
    fn referred(&self, tenant: &Tenant, kind: &Kind, field: FieldRef) -> Result<Collection, Error> {
        let name = kind.declaration(field).and_then(Field::refers_to);
        let kind = name.and_then(|name| self.kinds.find(name));
        let kind = kind.ok_or_else(|| Error::defect("a reference leads to no kind of the table"))?;
        Ok(Collection { tenant: tenant.clone(), kind })
    }

    /// Reads the resources of a page, for fields that the index does not project. Those that no longer belong
    /// to the list are omitted. The page ends before the first that DynamoDB left unprocessed once enough was
    /// read.
    async fn read_rows(
        &self,
        scope: &Scope,
        request: &ListRequest,
        listed: Listed,
        now: Timestamp,
    ) -> Result<Listed, Error> {
        let Listed { mut rows, mut next } = listed;
        let fields = needed(request.selection).and(request.filter.fields());
        let ids: Vec<_> = rows.iter().map(|(_, view)| view.id()).collect();
        let mut read = self.lists.views_up_to(scope, ids, fields, MAX_READ_OF_PAGE).await?;
        if let Some(first_left) = rows.iter().position(|(_, view)| read.unprocessed.contains(&view.id())) {
            rows.truncate(first_left);
            next = rows.last().map(|(position, _)| Continuation::behind(position.clone()));
        }
        let in_the_list = |view: &View| request.filter.has(view.resource()) && view.exists_at(now);
        let rows = rows.into_iter().filter_map(|(position, view)| {
            let view = read.found.remove(&view.id()).filter(in_the_list)?;
            Some((position, view))
        });
        Ok(Listed { rows: rows.collect(), next })
    }

    /// The rows of some resources. The targets of their references are read for all of them at once.
    async fn rows(
        &self,
        caller: &Caller,
        views: Vec<View>,
        selection: Selection,
        freshness: Freshness,
    ) -> Result<Vec<Row>, Error> {
        let Some(kind) = views.first().map(View::kind) else { return Ok(Vec::new()) };
        let mut expanded = Vec::new();
        for (field, declared) in kind.declared().filter(|(field, _)| selection.expand.contains(*field)) {
            let collection = self.referred(&caller.tenant, kind, field)?;
            expanded.push(Expanded { field, declared, collection });
        }
        let mut keys = Vec::new();
        for view in &views {
            for expanded in &expanded {
                keys.extend(expanded.keys(view));
            }
        }
        let found = self.by_id.views(caller, keys, Kind::summary, freshness).await?;
        let row = |view: View| Row {
            expansions: expanded.iter().map(|expanded| expanded.of(&view, &found)).collect(),
            view: view.select(selection.fields),
        };
        Ok(views.into_iter().map(row).collect())
    }
}

/// An expanded reference, and the collection that it points to.
struct Expanded {
    field: FieldRef,
    declared: &'static Field,
    collection: Collection,
}

impl Expanded {
    /// The targets in a resource.
    fn keys(&self, view: &View) -> Vec<ResourceKey> {
        view.references(self.field).iter().map(|id| (self.collection.clone(), *id)).collect()
    }

    fn of(&self, view: &View, found: &HashMap<ResourceKey, View>) -> Expansion {
        let keys = self.keys(view);
        let name = self.declared.expansion().unwrap_or_default();
        if self.declared.is_reference_list() {
            Expansion::Many { field: self.declared.name, name, found: batch(&keys, found) }
        } else {
            let one = keys.first().and_then(|key| found.get(key)).cloned();
            Expansion::One(name, one.map(Box::new))
        }
    }
}

/// The fields that must be read.
fn needed(selection: Selection) -> Fields {
    selection.fields.and(selection.expand)
}

/// The resources of keys, in their order.
fn batch(keys: &[ResourceKey], resources: &HashMap<ResourceKey, View>) -> BatchGetResult {
    let mut seen = HashSet::new();
    let missing = keys.iter().filter(|key| !resources.contains_key(key) && seen.insert(*key));
    BatchGetResult {
        missing: missing.map(|(_, id)| *id).collect(),
        found: keys.iter().filter_map(|key| resources.get(key).cloned()).collect(),
    }
}
