//! Reads many resources by id.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::batch_get_item::{BatchGet, BatchRead};
use super::item::Item;
use super::{ResourceRepository, item, keys, projection};
use crate::Error;
use crate::domain::{
    Caller, FieldRef, Fields, Kind, Permission, Resource, ResourceId, ResourceKey, Scope, SearchEntry,
    ShownStatus, Version, View,
};

/// The result of reading resources by id.
#[derive(Debug, Default)]
pub struct Views {
    /// The resources that exist.
    pub found: HashMap<ResourceId, View>,
    /// The ids that DynamoDB left unprocessed.
    pub unprocessed: HashSet<ResourceId>,
}

/// The search entry of a resource, and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchableVersion {
    /// Its version.
    pub version: Version,
    /// The search entry.
    pub entry: SearchEntry,
}

impl ResourceRepository {
    /// The resources of some ids, except deleted ones and those outside the scope. The reads are strongly
    /// consistent, with each id once and at most 100 ids a call.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB has not read all of them by the request's deadline.
    pub async fn views(
        &self,
        scope: &Scope,
        ids: impl IntoIterator<Item = ResourceId>,
        fields: Fields,
    ) -> Result<HashMap<ResourceId, View>, Error> {
        let mut found = self.views_up_to(scope, ids, fields, f64::INFINITY).await?.found;
        found.retain(|_, view| view.shown_status() != ShownStatus::Deleted);
        Ok(found)
    }

    /// The same, but including deleted resources. Once `bytes` have been read, ids that DynamoDB left
    /// unprocessed are not requested again, unless the first id is among them.
    ///
    /// # Errors
    /// As [`Self::views`].
    pub async fn views_up_to(
        &self,
        scope: &Scope,
        ids: impl IntoIterator<Item = ResourceId>,
        fields: Fields,
        bytes: f64,
    ) -> Result<Views, Error> {
        let (kind, read) = (scope.kind(), scope.fields_to_read(fields));
        let keys = ids.into_iter().map(|id| keys::resource(&scope.collection, id));
        let BatchRead { items, unprocessed } =
            self.batch_get().read(keys, &projection::paths(kind, read), bytes).await?;
        let unprocessed = unprocessed.iter().filter_map(|key| ResourceId::parse(key.rsplit('#').next()?));
        let views: Vec<View> =
            items.into_iter().map(|item| item::to_view(kind, item, read)).collect::<Result<_, _>>()?;
        let views = views.into_iter().filter(|view| view.is_in(scope));
        let found = views.map(|view| (view.id(), view.select(fields)));
        Ok(Views { unprocessed: unprocessed.collect(), found: found.collect() })
    }

    /// Resources of any collections, with the `fields` of each kind, except deleted ones and those that the
    /// caller may not see. The reads are strongly consistent.
    ///
    /// # Errors
    /// As [`Self::views`].
    pub async fn views_of(
        &self,
        caller: &Caller,
        resources: impl IntoIterator<Item = ResourceKey>,
        fields: impl Fn(&'static Kind) -> Fields,
    ) -> Result<HashMap<ResourceKey, View>, Error> {
        let resources = resources.into_iter().filter(|key| caller.may(Permission::Read, key.0.kind));
        let to_read = |kind: &'static Kind| match caller.owner(kind) {
            Some(_) => fields(kind).with(FieldRef::CREATED_BY),
            None => fields(kind),
        };
        let mut found = HashMap::new();
        for (key, item) in self.items_of(resources, to_read).await? {
            let kind = key.0.kind;
            let view = item::to_view(kind, item, to_read(kind))?;
            if caller.sees(view.resource()) && view.shown_status() != ShownStatus::Deleted {
                found.insert(key, view.select(fields(kind)));
            }
        }
        Ok(found)
    }

    /// Resources of any collections with all fields, deleted or not, whoever created them. The reads are
    /// strongly consistent.
    ///
    /// # Errors
    /// As [`Self::views`].
    pub async fn find_all(
        &self,
        resources: impl IntoIterator<Item = ResourceKey>,
    ) -> Result<HashMap<ResourceKey, Resource>, Error> {
        let read = self.items_of(resources, Kind::all_fields).await?;
        let resource =
            |(key, item): (ResourceKey, Item)| item::to_resource(key.0.kind, item).map(|found| (key, found));
        read.into_iter().map(resource).collect()
    }

    /// The search entries of resources of any collections. The reads are strongly consistent.
    ///
    /// # Errors
    /// As [`Self::views`].
    pub async fn searchable(
        &self,
        resources: impl IntoIterator<Item = ResourceKey>,
    ) -> Result<HashMap<ResourceKey, SearchableVersion>, Error> {
        let read = self.items_of(resources, SearchEntry::fields).await?;
        let searchable = |(key, item): (ResourceKey, Item)| {
            let unreadable = |error: Error| Error::defect(format!("{}#{}: {}", key.0, key.1, error.chain()));
            let view =
                item::to_view(key.0.kind, item, SearchEntry::fields(key.0.kind)).map_err(unreadable)?;
            let entry = SearchEntry::of(view.resource());
            Ok((key, SearchableVersion { version: view.version(), entry }))
        };
        read.into_iter().map(searchable).collect()
    }

    /// The items of resources of any collections, with some fields of each kind.
    async fn items_of(
        &self,
        resources: impl IntoIterator<Item = ResourceKey>,
        fields: impl Fn(&'static Kind) -> Fields,
    ) -> Result<Vec<(ResourceKey, Item)>, Error> {
        let mut by_key: HashMap<String, ResourceKey> =
            resources.into_iter().map(|key| (keys::resource(&key.0, key.1), key)).collect();
        let kinds: HashSet<&'static Kind> = by_key.values().map(|(collection, _)| collection.kind).collect();
        let paths: BTreeSet<String> =
            kinds.into_iter().flat_map(|kind| projection::paths(kind, fields(kind))).collect();
        let paths = projection::fitted(paths);
        let keys: Vec<String> = by_key.keys().cloned().collect();
        let BatchRead { items, unprocessed: _ } = self.batch_get().read(keys, &paths, f64::INFINITY).await?;
        let keyed = |item: Item| {
            let key = by_key.remove(item::text(&item, keys::PARTITION_KEY)?);
            key.map(|key| (key, item))
                .ok_or_else(|| Error::defect("DynamoDB gave an item that was not asked for"))
        };
        items.into_iter().map(keyed).collect()
    }

    fn batch_get(&self) -> BatchGet<'_> {
        BatchGet { client: &self.client, table: &self.table }
    }
}
