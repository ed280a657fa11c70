//! Converts resources to items of the resources table, and versions of them to items of the history table.

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
/// The fields of the kind that lists show, the status, and all references. The indexes project it.
pub(super) const SUMMARY: &str = "summary";
/// The other fields of the kind.
pub(super) const REST: &str = "rest";
const STATUS: &str = "status";
pub(super) const VERSION: &str = "version";
pub(super) const UPDATED_AT: &str = "updated_at";
pub(super) const CREATED_BY: &str = "created_by";
pub(super) const UPDATED_BY: &str = "updated_by";
/// The version for which no event is published. It has no effect on later versions, so it is never removed.
const UNANNOUNCED: &str = "unannounced";
pub(super) const PURGE_AT: &str = "purge_at";

/// The attributes that contain the client-owned values.
pub(super) const CLIENT_OWNED_ATTRIBUTES: [&str; 2] = [SUMMARY, REST];

/// The attributes that a deletion sets.
pub(super) const DELETION_ATTRIBUTES: [&str; 5] =
    [UPDATED_AT, UPDATED_BY, PURGE_AT, keys::LISTING, keys::UPDATED_KEY];

/// The attributes that depend on the declaration of a kind, besides the keys of its indexes.
pub(super) const DERIVED_ATTRIBUTES: [&str; 5] = [SUMMARY, REST, keys::LISTING, keys::ID, keys::UPDATED_KEY];

/// The attributes that a change sets, or removes if they have no value. `version` is incremented separately;
/// the others never change.
pub(super) fn changed_attributes(kind: &Kind) -> Vec<&'static str> {
    let fixed = [SUMMARY, REST, UPDATED_AT, UPDATED_BY, keys::LISTING, keys::UPDATED_KEY];
    // `created_by` never changes.
    let indexes = kind.written_indexes().filter(|(_, indexed)| *indexed != Indexed::CreatedBy);
    let indexes = indexes.filter_map(|(slot, _)| keys::INDEX_KEYS.get(slot).copied());
    fixed.into_iter().chain(indexes).collect()
}

/// The complete item of a resource, with all keys.
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
        // Seconds since the Unix epoch, for DynamoDB's TTL.
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
/// The attributes whose size depends on the callers and on the number of changes, so that a later change may
/// not be able to choose it.
const OF_ANY_CHANGE: [&str; 3] = [CREATED_BY, UPDATED_BY, VERSION];
/// The most bytes of these: two subjects of 256 characters with 4 bytes each, and a number.
const ANY_CHANGE: usize = 2 * (256 * 4) + 21 + CREATED_BY.len() + UPDATED_BY.len() + VERSION.len();
/// The bytes that a deletion adds: `purge_at`, and the longer status in the key of the lists.
const DELETION: usize = 64;

/// The item to store for a resource, which must leave room for a deletion by any caller.
///
/// # Errors
/// [`Error::TooLarge`] if there is no room.
pub(super) fn to_store(tenant: &Tenant, resource: &Resource, shards: Shards) -> Result<Item, Error> {
    with_room(from_resource(tenant, resource, shards)?, resource)
}

/// The same for an imported record, marked if no event is to be published for it.
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

/// Whether an event is published for the version of an item.
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

/// The item of a version in the history table: that of the resource, without the keys of its indexes.
pub(super) fn from_entry(tenant: &Tenant, entry: &HistoryEntry) -> Result<Item, Error> {
    let mut item = from_resource(tenant, &entry.resource, Shards::default())?;
    for key in [keys::LISTING, keys::ID, keys::UPDATED_KEY].iter().chain(&keys::INDEX_KEYS) {
        item.remove(*key);
    }
    item.insert(ACTION.to_owned(), AttributeValue::S(entry.action.as_str().to_owned()));
    Ok(item)
}

/// The history entry of an item of the history table.
pub(super) fn to_entry(kind: &'static Kind, item: Item) -> Result<HistoryEntry, Error> {
    let action = text(&item, ACTION)?;
    let action =
        HistoryAction::parse(action).ok_or_else(|| Error::defect(format!("{action} is no action")))?;
    Ok(HistoryEntry { action, resource: to_resource(kind, item)? })
}

/// The attributes that a deletion sets, which do not depend on the resource.
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

/// The resource of an item of this kind.
pub(super) fn to_resource(kind: &'static Kind, item: Item) -> Result<Resource, Error> {
    let updated_at = text(&item, UPDATED_AT)?;
    let updated_at = Timestamp::parse(updated_at).ok_or_else(|| Error::defect("updated_at is no time"))?;
    let (created_by, updated_by) = (text(&item, CREATED_BY)?.to_owned(), text(&item, UPDATED_BY)?.to_owned());
    Ok(Resource { updated_at, created_by, updated_by, ..read(kind, item, kind.all_fields())? })
}

/// The view of an item of which only these fields were read.
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

/// The attributes that are always read, and some fields. Fields that the item does not have get their
/// default.
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

/// The text of a field in `summary`.
pub(super) fn summary_text<'a>(item: &'a Item, field: &str) -> Option<&'a str> {
    let summary = item.get(SUMMARY)?.as_m().ok()?;
    summary.get(field)?.as_s().ok().map(String::as_str)
}

/// Whether the resource of an item exists at `now`: it is not deleted, or can still be restored.
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
