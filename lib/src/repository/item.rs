//! A resource as an item of the resources table, and a version of it as one of the history table.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::attributes;
use super::keys;
use super::{errors, item_size};
use crate::Error;
use crate::domain::{
    Caller, Field, Fields, HistoryAction, HistoryEntry, Resource, ResourceId, Shards, ShownStatus, Status,
    Tenant, Timestamp, Values, Version, View,
};

/// An item: its attributes by name.
pub(super) type Item = HashMap<String, AttributeValue>;

const ACTION: &str = "action";
const ATTRIBUTES: &str = "attributes";
const RELATED_IDS: &str = "related_ids";
pub(super) const PURGE_AT: &str = "purge_at";

/// The fields that the indexes hold: the summary, and the relations, so that a list can follow them without reading its
/// resources.
pub(super) const INDEX_FIELDS: Fields = Fields::SUMMARY.with(Field::RelatedIds);

/// The attributes that hold what a client owns.
pub(super) const CLIENT_OWNED_ATTRIBUTES: [&str; 5] =
    ["name", "status", "description", ATTRIBUTES, "related_ids"];

/// The attributes that a change sets. `version` counts up by itself; the others never change.
pub(super) const CHANGED_ATTRIBUTES: [&str; 10] = [
    "name",
    "status",
    "description",
    ATTRIBUTES,
    "related_ids",
    "updated_at",
    "updated_by",
    keys::LISTING,
    keys::UPDATED_KEY,
    keys::NAME_KEY,
];

/// The attributes that a deletion sets.
pub(super) const DELETION_ATTRIBUTES: [&str; 5] =
    ["updated_at", "updated_by", PURGE_AT, keys::LISTING, keys::UPDATED_KEY];

#[derive(Serialize, Deserialize)]
struct StoredResource {
    id: ResourceId,
    name: String,
    status: Status,
    description: Option<String>,
    version: Version,
    updated_at: Timestamp,
    created_by: String,
    updated_by: String,
    /// Seconds since the Unix epoch, as DynamoDB's TTL takes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purge_at: Option<u64>,
}

/// The attributes that hold some fields, besides those that are always read: the id, the version, the status, and until
/// when a deleted resource is there. `created_at` is the id's own timestamp.
pub(super) fn attributes(fields: Fields) -> Vec<&'static str> {
    let fields = fields.with(Field::Id).with(Field::Version).with(Field::Status);
    let fields = fields.iter().filter(|field| *field != Field::CreatedAt).map(Field::as_str);
    fields.chain([PURGE_AT]).collect()
}

/// The attributes that hold a whole resource, deleted or not.
pub(super) fn whole_resource() -> Vec<&'static str> {
    attributes(Fields::ALL)
}

/// The whole item of a resource, keys and all.
pub(super) fn from_resource(tenant: &Tenant, resource: Resource, shards: Shards) -> Result<Item, Error> {
    let shown_status = resource.shown_status();
    let Resource { id, values, version, updated_at, created_by, updated_by, purge_at } = resource;
    let keys = [
        (keys::PARTITION_KEY, keys::resource(tenant, id)),
        (keys::LISTING, keys::listing(tenant, shown_status, id, shards)),
        (keys::UPDATED_KEY, keys::updated(updated_at, id)),
        (keys::NAME_KEY, keys::name(&values.name, id)),
    ];
    let attributes = attributes::to_attribute_value(&values.attributes);
    let mut item: Item = serde_dynamo::to_item(StoredResource {
        id,
        name: values.name,
        status: values.status,
        description: values.description,
        version,
        updated_at,
        created_by,
        updated_by,
        purge_at: purge_at.map(|purge_at| purge_at.since_epoch().0),
    })
    .map_err(Error::defect)?;
    item.insert(ATTRIBUTES.to_owned(), attributes);
    item.insert(RELATED_IDS.to_owned(), from_ids(&values.related_ids));
    item.extend(keys.map(|(name, key)| (name.to_owned(), AttributeValue::S(key))));
    Ok(item)
}

/// DynamoDB's limit for an item, in bytes.
const MAX_SIZE: usize = 400 * 1024;
/// The attributes whose size a later change may not be able to choose: who makes it, and how many there were before.
const OF_ANY_CHANGE: [&str; 3] = ["created_by", "updated_by", "version"];
/// What they take at most: two subjects of 256 characters, each of 4 bytes, and a number.
const ANY_CHANGE: usize = 2 * (256 * 4) + 21 + "created_by".len() + "updated_by".len() + "version".len();
/// What a deletion adds: `purge_at`, and the longer status in the lists' key.
const DELETION: usize = 64;

/// The item of a resource that is stored, keys and all, with room for its deletion by whomever.
///
/// # Errors
/// [`Error::TooLarge`] when there is none.
pub(super) fn to_store(tenant: &Tenant, resource: Resource, shards: Shards) -> Result<Item, Error> {
    let is_deleted = resource.is_deleted();
    let mut item = from_resource(tenant, resource, shards)?;
    let set_aside = OF_ANY_CHANGE.map(|name| item.remove_entry(name));
    let too_large = !is_deleted && item_size::of_item(&item) + ANY_CHANGE + DELETION > MAX_SIZE;
    item.extend(set_aside.into_iter().flatten());
    if too_large { Err(errors::item_too_large()) } else { Ok(item) }
}

/// The item of a version of a resource: the resource's own, without the keys of its lists.
pub(super) fn from_entry(tenant: &Tenant, entry: &HistoryEntry) -> Result<Item, Error> {
    let mut item = from_resource(tenant, entry.resource.clone(), Shards::default())?;
    for key in [keys::LISTING, keys::UPDATED_KEY, keys::NAME_KEY] {
        item.remove(key);
    }
    item.insert(ACTION.to_owned(), AttributeValue::S(entry.action.as_str().to_owned()));
    Ok(item)
}

/// The version of a resource that an item holds.
pub(super) fn to_entry(item: Item) -> Result<HistoryEntry, Error> {
    let action = text(&item, ACTION)?;
    let action =
        HistoryAction::parse(action).ok_or_else(|| Error::defect(format!("{action} is no action")))?;
    Ok(HistoryEntry { action, resource: to_resource(item)? })
}

/// What a deletion sets of an item, whatever the resource was.
pub(super) fn deleted(
    caller: &Caller,
    id: ResourceId,
    now: Timestamp,
    purge_at: Timestamp,
    shards: Shards,
) -> Item {
    let text = AttributeValue::S;
    let attributes = [
        ("updated_at", text(now.to_string())),
        ("updated_by", text(caller.subject.clone())),
        (PURGE_AT, AttributeValue::N(purge_at.since_epoch().0.to_string())),
        (keys::LISTING, text(keys::listing(&caller.tenant, ShownStatus::Deleted, id, shards))),
        (keys::UPDATED_KEY, text(keys::updated(now, id))),
    ];
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The resource that an item holds.
pub(super) fn to_resource(mut item: Item) -> Result<Resource, Error> {
    let mut remove = |name: &str| {
        item.remove(name).ok_or_else(|| Error::defect(format!("a stored resource has no {name}")))
    };
    let attributes = attributes::from_attribute_value(remove(ATTRIBUTES)?)?;
    let related_ids = to_ids(&remove(RELATED_IDS)?)?;
    let stored: StoredResource = serde_dynamo::from_item(item).map_err(Error::defect)?;
    Ok(Resource {
        id: stored.id,
        values: Values {
            name: stored.name,
            status: stored.status,
            description: stored.description,
            attributes,
            related_ids,
        },
        version: stored.version,
        updated_at: stored.updated_at,
        created_by: stored.created_by,
        updated_by: stored.updated_by,
        purge_at: stored.purge_at.map(|seconds| Timestamp::from_epoch(seconds, 0)),
    })
}

/// The fields that were read of an item.
pub(super) fn to_view(mut item: Item, fields: Fields) -> Result<View, Error> {
    for field in Field::ALL.into_iter().filter(|field| !fields.contains(*field)) {
        if let Some(anything) = anything(field) {
            item.entry(field.as_str().to_owned()).or_insert(anything);
        }
    }
    Ok(View::new(to_resource(item)?, fields))
}

/// What stands in for a field that was not read; `None` for those that always are.
fn anything(field: Field) -> Option<AttributeValue> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    Some(match field {
        Field::Id | Field::Version | Field::Status | Field::CreatedAt => return None,
        Field::Name | Field::CreatedBy | Field::UpdatedBy => text(""),
        Field::Description => AttributeValue::Null(true),
        Field::Attributes => text("{}"),
        Field::RelatedIds => from_ids(&[]),
        Field::UpdatedAt => text(&Timestamp::EPOCH.to_string()),
    })
}

/// Whether the resource of an item is there at `now`: not deleted, or not yet for good.
pub(super) fn exists_at(item: &Item, now: Timestamp) -> bool {
    let purge_at = item.get(PURGE_AT).and_then(|value| value.as_n().ok()?.parse::<u64>().ok());
    purge_at.is_none_or(|purge_at| purge_at > now.since_epoch().0)
}

/// The version of an item.
pub(super) fn version(item: &Item) -> Result<Version, Error> {
    let version = item.get("version").and_then(|value| value.as_n().ok()?.parse().ok());
    version.ok_or_else(|| Error::defect("an item has no version"))
}

/// The text of an attribute.
pub(super) fn text<'a>(item: &'a Item, attribute: &str) -> Result<&'a str, Error> {
    let text = item.get(attribute).and_then(|value| value.as_s().ok());
    text.map(String::as_str).ok_or_else(|| Error::defect(format!("an item has no text in {attribute}")))
}

/// Ids one after another, 16 bytes each: less than half of what their text takes, in the table and in each index.
fn from_ids(ids: &[ResourceId]) -> AttributeValue {
    AttributeValue::B(Blob::new(ids.iter().flat_map(|id| *id.as_bytes()).collect::<Vec<u8>>()))
}

fn to_ids(value: &AttributeValue) -> Result<Vec<ResourceId>, Error> {
    let no_ids = || Error::defect("related_ids are no ids");
    let (ids, rest) = value.as_b().map_err(|_| no_ids())?.as_ref().as_chunks();
    if rest.is_empty() {
        Ok(ids.iter().copied().map(ResourceId::from_bytes).collect())
    } else {
        Err(no_ids())
    }
}
