//! Reading many resources by id: `BatchGetItem`, the one function for all that reads more than one.

use std::collections::{BTreeSet, HashMap, HashSet};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::expression::Expression;
use super::item::Item;
use super::{ResourceRepository, errors, item, keys};
use crate::Error;
use crate::domain::{
    Caller, FieldRef, Fields, Kind, Permission, Resource, ResourceId, ResourceKey, Scope, SearchEntry,
    ShownStatus, Version, View,
};
use crate::retry::Backoff;

/// DynamoDB's limit for the keys of a call.
const MAX_KEYS: usize = 100;
/// The calls that are made at the same time.
const CONCURRENCY: usize = 10;
/// What one read capacity unit of a strongly consistent read stands for, in bytes.
const BYTES_OF_A_UNIT: f64 = 4096.0;

/// What was read of resources.
#[derive(Debug, Default)]
pub struct Views {
    /// The resources that there are.
    pub found: HashMap<ResourceId, View>,
    /// The ids that DynamoDB left unprocessed.
    pub unprocessed: HashSet<ResourceId>,
}

/// A resource as search knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchableVersion {
    /// Its version.
    pub version: Version,
    /// What search is to know of it.
    pub entry: SearchEntry,
}

/// What was read.
#[derive(Debug, Default)]
struct Read {
    items: Vec<Item>,
    /// The keys that DynamoDB left unprocessed.
    unprocessed: HashSet<String>,
}

/// How many more items make `bytes`, where `read` items of any place took `read_bytes`, and `read_first` of them are the
/// first without a gap. At least one while the first is not among them.
fn missing(bytes: f64, read_bytes: f64, read: usize, read_first: usize) -> usize {
    let count = |number: usize| u32::try_from(number).map_or(f64::INFINITY, f64::from);
    let each = (read_bytes / count(read.max(1))).max(1.0);
    let missing = (bytes / each).ceil() - count(read_first);
    if read_first == 0 && missing < 1.0 {
        return 1;
    }
    // No call has more keys than this.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
    let missing = missing.clamp(0.0, 100.0) as usize;
    missing
}

impl ResourceRepository {
    /// The resources of some ids, as they are now, but for deleted ones and those outside the scope: strongly consistent
    /// reads, each id once, at most 100 a call.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when DynamoDB has not read all of them by the request's deadline.
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

    /// The same, deleted or not, but ids that DynamoDB leaves after `bytes` have been read are not asked for again, unless
    /// the first id is one of them.
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
        let Read { items, unprocessed } = self.read_all(keys, &item::paths(kind, read), bytes).await?;
        let unprocessed = unprocessed.iter().filter_map(|key| ResourceId::parse(key.rsplit('#').next()?));
        let views: Vec<View> =
            items.into_iter().map(|item| item::to_view(kind, item, read)).collect::<Result<_, _>>()?;
        let views = views.into_iter().filter(|view| view.is_in(scope));
        let found = views.map(|view| (view.id(), view.select(fields)));
        Ok(Views { unprocessed: unprocessed.collect(), found: found.collect() })
    }

    /// Resources of any collections of a caller's, as they are now, but for deleted ones and those that the caller may not
    /// see: of each kind these fields.
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

    /// Resources of any collections, as they are now, whole, deleted or not, whoever created them.
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

    /// What search is to know of resources of any collections, as they are now.
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
            kinds.into_iter().flat_map(|kind| item::paths(kind, fields(kind))).collect();
        let paths = item::fitted(paths);
        let keys: Vec<String> = by_key.keys().cloned().collect();
        let Read { items, unprocessed: _ } = self.read_all(keys, &paths, f64::INFINITY).await?;
        let keyed = |item: Item| {
            let key = by_key.remove(item::text(&item, keys::PARTITION_KEY)?);
            key.map(|key| (key, item))
                .ok_or_else(|| Error::defect("DynamoDB gave an item that was not asked for"))
        };
        items.into_iter().map(keyed).collect()
    }

    async fn read_all(
        &self,
        keys: impl IntoIterator<Item = String>,
        paths: &[String],
        bytes: f64,
    ) -> Result<Read, Error> {
        let mut seen = HashSet::new();
        let unique: Vec<_> = keys.into_iter().filter(|key| seen.insert(key.clone())).collect();
        let chunks: Vec<Vec<_>> = unique.chunks(MAX_KEYS).map(<[_]>::to_vec).collect();
        let calls = chunks.into_iter().map(|keys| self.read_chunk(keys, paths, bytes));
        let chunks: Vec<Read> = stream::iter(calls).buffered(CONCURRENCY).try_collect().await?;
        let mut all = Read::default();
        for chunk in chunks {
            all.items.extend(chunk.items);
            all.unprocessed.extend(chunk.unprocessed);
        }
        Ok(all)
    }

    /// Reads the items of at most 100 keys, asking again for those that DynamoDB leaves: for the first of them, and no more
    /// than are likely to be `bytes` together with what is read before them. DynamoDB leaves any it likes.
    async fn read_chunk(&self, keys: Vec<String>, paths: &[String], bytes: f64) -> Result<Read, Error> {
        let mut asked: HashSet<String> = keys.iter().cloned().collect();
        let mut pending = asked.clone();
        let mut items = Vec::new();
        let mut read_bytes = 0.0;
        let mut waits = Backoff::until_the_deadline();
        loop {
            let (found, unprocessed, units) = self.batch_get(asked.iter(), paths).await?;
            items.extend(found);
            read_bytes += units * BYTES_OF_A_UNIT;
            pending.retain(|key| unprocessed.contains(key) || !asked.contains(key));
            let read = keys.len() - pending.len();
            let read_first = keys.iter().take_while(|key| !pending.contains(*key)).count();
            let missing = missing(bytes, read_bytes, read, read_first);
            if pending.is_empty() || missing == 0 {
                return Ok(Read { items, unprocessed: pending });
            }
            asked = keys.iter().filter(|key| pending.contains(*key)).take(missing).cloned().collect();
            let Some(wait) = waits.next() else {
                return Err(Error::Unavailable(
                    "DynamoDB has left keys unprocessed until the deadline".into(),
                ));
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// One call: the items that were read, the keys that DynamoDB left, and the read capacity units that it took.
    async fn batch_get(
        &self,
        keys: impl Iterator<Item = &String>,
        paths: &[String],
    ) -> Result<(Vec<Item>, HashSet<String>, f64), Error> {
        let mut expression = Expression::default();
        let projection = expression.projection(paths);
        let key =
            |key: &String| HashMap::from([(keys::PARTITION_KEY.to_owned(), AttributeValue::S(key.clone()))]);
        let request = KeysAndAttributes::builder()
            .set_keys(Some(keys.map(key).collect()))
            .projection_expression(projection)
            .set_expression_attribute_names(expression.names())
            .consistent_read(true)
            .build()
            .map_err(Error::defect)?;
        let mut output = self
            .client
            .batch_get_item()
            .request_items(&self.table, request)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        let units = output.consumed_capacity().iter().filter_map(|table| table.capacity_units).sum();
        let items =
            output.responses.as_mut().and_then(|tables| tables.remove(&self.table)).unwrap_or_default();
        let unprocessed = output.unprocessed_keys.as_mut().and_then(|tables| tables.remove(&self.table));
        let unprocessed = unprocessed.map(|keys| keys.keys).unwrap_or_default();
        let unprocessed =
            unprocessed.iter().map(|key| item::text(key, keys::PARTITION_KEY).map(str::to_owned));
        Ok((items, unprocessed.collect::<Result<_, _>>()?, units))
    }
}
