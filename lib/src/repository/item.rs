//! A resource as an item of the resources table, and a version of it as one of the history table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::attribute_value::{from_field, to_field};
use super::keys;
use super::{errors, item_size};
use crate::Error;
use crate::domain::{
    Announcement, Caller, Collection, Field, FieldRef, FieldValue, Fields, HistoryAction, HistoryEntry,
    Indexed, Kind, Resource, ResourceId, Shards, ShownStatus, Status, Tenant, Timestamp, Values, Version,
    View,
};

/// An item: its attributes by name.
pub type Item = HashMap<String, AttributeValue>;

const ACTION: &str = "action";
/// What lists show of the fields of the kind, the status, and all references: the indexes hold it.
pub(super) const SUMMARY: &str = "summary";
/// The other fields of the kind.
pub(super) const REST: &str = "rest";
const STATUS: &str = "status";
pub(super) const VERSION: &str = "version";
pub(super) const UPDATED_AT: &str = "updated_at";
pub(super) const CREATED_BY: &str = "created_by";
pub(super) const UPDATED_BY: &str = "updated_by";
/// The version for which no event is published. Later versions are not affected, so nobody has to remove it.
const UNANNOUNCED: &str = "unannounced";
pub(super) const PURGE_AT: &str = "purge_at";

/// The attributes that hold what a client owns.
pub(super) const CLIENT_OWNED_ATTRIBUTES: [&str; 2] = [SUMMARY, REST];

/// The attributes that a deletion sets.
pub(super) const DELETION_ATTRIBUTES: [&str; 5] =
    [UPDATED_AT, UPDATED_BY, PURGE_AT, keys::LISTING, keys::UPDATED_KEY];

/// The attributes that follow from the declaration of a kind, besides the keys of its indexes.
pub(super) const DERIVED_ATTRIBUTES: [&str; 5] = [SUMMARY, REST, keys::LISTING, keys::ID, keys::UPDATED_KEY];

/// The attributes that a change sets, or removes where there is nothing in them. `version` counts up by itself; the others
/// never change.
pub(super) fn changed_attributes(kind: &Kind) -> Vec<&'static str> {
    let fixed = [SUMMARY, REST, UPDATED_AT, UPDATED_BY, keys::LISTING, keys::UPDATED_KEY];
    // Who created it stays.
    let indexes = kind.written_indexes().filter(|(_, indexed)| *indexed != Indexed::CreatedBy);
    let indexes = indexes.filter_map(|(slot, _)| keys::INDEX_KEYS.get(slot).copied());
    fixed.into_iter().chain(indexes).collect()
}

/// The whole item of a resource, keys and all.
pub(super) fn from_resource(tenant: &Tenant, resource: &Resource, shards: Shards) -> Result<Item, Error> {
    let Resource { id, values, version, updated_at, created_by, updated_by, purge_at } = resource;
    let (collection, text) = (resource.collection(tenant), AttributeValue::S);
    let mut summary = Item::from([(STATUS.to_owned(), text(values.status().as_str().to_owned()))]);
    let mut rest = Item::new();
    for (_, field, value) in values.iter() {
        if let Some(value) = from_field(value) {
            let map = if field.is_in_summary() { &mut summary } else { &mut rest };
            map.insert(field.name.to_owned(), value);
        }
    }
    let attributes = [
        (keys::PARTITION_KEY, text(keys::resource(&collection, *id))),
        (keys::LISTING, text(keys::listing(&collection, resource.shown_status(), *id, shards))),
        (keys::ID, text(id.to_string())),
        (keys::UPDATED_KEY, text(keys::sort_key(&keys::updated(*updated_at), *id))),
        (SUMMARY, AttributeValue::M(summary)),
        (REST, AttributeValue::M(rest)),
        (VERSION, AttributeValue::N(version.to_string())),
        (UPDATED_AT, text(updated_at.to_string())),
        (CREATED_BY, text(created_by.clone())),
        (UPDATED_BY, text(updated_by.clone())),
    ];
    let mut item: Item = attributes.map(|(name, value)| (name.to_owned(), value)).into();
    if let Some(purge_at) = purge_at {
        // Seconds since the Unix epoch, as DynamoDB's TTL takes them.
        item.insert(PURGE_AT.to_owned(), AttributeValue::N(purge_at.since_epoch().0.to_string()));
    }
    for (slot, indexed) in collection.kind.written_indexes() {
        if let Some(key) = indexed.key_of(values, created_by) {
            let name = keys::INDEX_KEYS.get(slot).ok_or_else(|| Error::defect("there is no such index"))?;
            item.insert((*name).to_owned(), text(keys::sort_key(&key, *id)));
        }
    }
    Ok(item)
}

/// DynamoDB's limit for an item, in bytes.
const MAX_SIZE: usize = 400 * 1024;
/// The attributes whose size a later change may not be able to choose: who makes it, and how many there were before.
const OF_ANY_CHANGE: [&str; 3] = [CREATED_BY, UPDATED_BY, VERSION];
/// What they take at most: two subjects of 256 characters, each of 4 bytes, and a number.
const ANY_CHANGE: usize = 2 * (256 * 4) + 21 + CREATED_BY.len() + UPDATED_BY.len() + VERSION.len();
/// What a deletion adds: `purge_at`, and the longer status in the lists' key.
const DELETION: usize = 64;

/// The item of a resource that is stored, keys and all, with room for its deletion by whomever.
///
/// # Errors
/// [`Error::TooLarge`] when there is none.
pub(super) fn to_store(tenant: &Tenant, resource: &Resource, shards: Shards) -> Result<Item, Error> {
    with_room(from_resource(tenant, resource, shards)?, resource)
}

/// The same for an imported record, with a mark if no event is to be published for it.
///
/// # Errors
/// As [`to_store`].
pub(super) fn to_import(
    tenant: &Tenant,
    resource: &Resource,
    announcement: Announcement,
    shards: Shards,
) -> Result<Item, Error> {
    let mut item = from_resource(tenant, resource, shards)?;
    if announcement == Announcement::None {
        item.insert(UNANNOUNCED.to_owned(), AttributeValue::N(resource.version.to_string()));
    }
    with_room(item, resource)
}

/// Whether an event is published for the version that an item holds.
pub(super) fn announcement(item: &Item) -> Announcement {
    match (item.get(UNANNOUNCED), item.get(VERSION)) {
        (Some(unannounced), Some(version)) if unannounced == version => Announcement::None,
        _ => Announcement::Event,
    }
}

fn with_room(mut item: Item, resource: &Resource) -> Result<Item, Error> {
    let set_aside = OF_ANY_CHANGE.map(|name| item.remove_entry(name));
    let too_large = !resource.is_deleted() && item_size::of_item(&item) + ANY_CHANGE + DELETION > MAX_SIZE;
    item.extend(set_aside.into_iter().flatten());
    if too_large { Err(errors::item_too_large()) } else { Ok(item) }
}

/// The item of a version of a resource: the resource's own, without the keys of its lists.
pub(super) fn from_entry(tenant: &Tenant, entry: &HistoryEntry) -> Result<Item, Error> {
    let mut item = from_resource(tenant, &entry.resource, Shards::default())?;
    for key in [keys::LISTING, keys::ID, keys::UPDATED_KEY].iter().chain(&keys::INDEX_KEYS) {
        item.remove(*key);
    }
    item.insert(ACTION.to_owned(), AttributeValue::S(entry.action.as_str().to_owned()));
    Ok(item)
}

/// The version of a resource of a kind that an item holds.
pub(super) fn to_entry(kind: &'static Kind, item: Item) -> Result<HistoryEntry, Error> {
    let action = text(&item, ACTION)?;
    let action =
        HistoryAction::parse(action).ok_or_else(|| Error::defect(format!("{action} is no action")))?;
    Ok(HistoryEntry { action, resource: to_resource(kind, item)? })
}

/// What a deletion sets of an item, whatever the resource was.
pub(super) fn deleted(
    caller: &Caller,
    collection: &Collection,
    id: ResourceId,
    now: Timestamp,
    purge_at: Timestamp,
    shards: Shards,
) -> Item {
    let text = AttributeValue::S;
    let attributes = [
        (UPDATED_AT, text(now.to_string())),
        (UPDATED_BY, text(caller.subject.clone())),
        (PURGE_AT, AttributeValue::N(purge_at.since_epoch().0.to_string())),
        (keys::LISTING, text(keys::listing(collection, ShownStatus::Deleted, id, shards))),
        (keys::UPDATED_KEY, text(keys::sort_key(&keys::updated(now), id))),
    ];
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The resource of a kind that an item holds.
pub(super) fn to_resource(kind: &'static Kind, item: Item) -> Result<Resource, Error> {
    let updated_at = text(&item, UPDATED_AT)?;
    let updated_at = Timestamp::parse(updated_at).ok_or_else(|| Error::defect("updated_at is no time"))?;
    let (created_by, updated_by) = (text(&item, CREATED_BY)?.to_owned(), text(&item, UPDATED_BY)?.to_owned());
    Ok(Resource { updated_at, created_by, updated_by, ..read(kind, item, kind.all_fields())? })
}

/// The fields that were read of an item.
pub(super) fn to_view(kind: &'static Kind, item: Item, fields: Fields) -> Result<View, Error> {
    let known = |field, name| if fields.contains(field) { text(&item, name) } else { Ok("") };
    let updated_at = known(FieldRef::UPDATED_AT, UPDATED_AT)?;
    let updated_at = Timestamp::parse(updated_at).unwrap_or(Timestamp::EPOCH);
    let (created_by, updated_by) = (
        known(FieldRef::CREATED_BY, CREATED_BY)?.to_owned(),
        known(FieldRef::UPDATED_BY, UPDATED_BY)?.to_owned(),
    );
    let resource = Resource { updated_at, created_by, updated_by, ..read(kind, item, fields)? };
    Ok(View::new(resource, fields))
}

/// What is always read of an item, and some fields of its kind; those that are not in it are as if they had been left out.
fn read(kind: &'static Kind, mut item: Item, fields: Fields) -> Result<Resource, Error> {
    let id = resource_id(&item)?;
    let version = version(&item)?;
    let purge_at = item.get(PURGE_AT).and_then(|value| value.as_n().ok()?.parse().ok());
    let mut map = |name: &str| match item.remove(name) {
        Some(AttributeValue::M(map)) => map,
        _ => Item::new(),
    };
    let (mut summary, mut rest) = (map(SUMMARY), map(REST));
    let status = text(&summary, STATUS)?;
    let status = Status::parse(kind, status)
        .ok_or_else(|| Error::defect(format!("{status} is no status of {}", kind.name)))?;
    let field = |(place, field): (FieldRef, &'static Field)| {
        if !fields.contains(place) {
            return FieldValue::Null;
        }
        let value = summary.remove(field.name).or_else(|| rest.remove(field.name));
        value.map_or_else(|| FieldValue::default_of(field), |value| to_field(field, value))
    };
    let values = Values::new(kind, status, kind.declared().map(field).collect());
    Ok(Resource {
        id,
        values,
        version,
        updated_at: Timestamp::EPOCH,
        created_by: String::new(),
        updated_by: String::new(),
        purge_at: purge_at.map(|seconds| Timestamp::from_epoch(seconds, 0)),
    })
}

/// The id in the key of an item.
pub(super) fn resource_id(item: &Item) -> Result<ResourceId, Error> {
    let id = text(item, keys::PARTITION_KEY)?.rsplit('#').next().and_then(ResourceId::parse);
    id.ok_or_else(|| Error::defect("an item's key has no id"))
}

/// The text of a field that the indexes hold.
pub(super) fn summary_text<'a>(item: &'a Item, field: &str) -> Option<&'a str> {
    let summary = item.get(SUMMARY)?.as_m().ok()?;
    summary.get(field)?.as_s().ok().map(String::as_str)
}

/// Whether the resource of an item is there at `now`: not deleted, or not yet for good.
pub(super) fn exists_at(item: &Item, now: Timestamp) -> bool {
    let purge_at = item.get(PURGE_AT).and_then(|value| value.as_n().ok()?.parse::<u64>().ok());
    purge_at.is_none_or(|purge_at| purge_at > now.since_epoch().0)
}

/// The version of an item.
pub(super) fn version(item: &Item) -> Result<Version, Error> {
    let version = item.get(VERSION).and_then(|value| value.as_n().ok()?.parse().ok());
    version.ok_or_else(|| Error::defect("an item has no version"))
}

/// The text of an attribute.
pub(super) fn text<'a>(item: &'a Item, attribute: &str) -> Result<&'a str, Error> {
    let text = item.get(attribute).and_then(|value| value.as_s().ok());
    text.map(String::as_str).ok_or_else(|| Error::defect(format!("an item has no text in {attribute}")))
}
