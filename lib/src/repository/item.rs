//! A resource as an item of the resources table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::document;
use super::keys::{self, Shards};
use crate::Error;
use crate::domain::{Resource, ResourceId, Status, Summary, Tenant, Timestamp, Values, Version};

/// An item: its attributes by name.
pub(super) type Item = HashMap<String, AttributeValue>;

const ATTRIBUTES: &str = "attributes";

/// The attributes that a read by id needs: all but the keys. `created_at` is the id's own timestamp.
pub(super) const RESOURCE_ATTRIBUTES: [&str; 10] = [
    "id",
    "name",
    "status",
    "description",
    ATTRIBUTES,
    "related_ids",
    "version",
    "updated_at",
    "created_by",
    "updated_by",
];

/// The attributes that a list needs: the indexes project these.
pub(super) const SUMMARY_ATTRIBUTES: [&str; 6] =
    ["id", "name", "status", "version", "updated_at", "created_by"];

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

#[derive(Serialize, Deserialize)]
struct StoredResource {
    id: ResourceId,
    name: String,
    status: Status,
    description: Option<String>,
    related_ids: Vec<ResourceId>,
    version: Version,
    updated_at: Timestamp,
    created_by: String,
    updated_by: String,
}

#[derive(Deserialize)]
struct StoredSummary {
    id: ResourceId,
    name: String,
    status: Status,
    version: Version,
    updated_at: Timestamp,
    created_by: String,
}

/// The whole item of a resource, keys and all.
pub(super) fn from_resource(tenant: &Tenant, resource: Resource, shards: Shards) -> Result<Item, Error> {
    let Resource { id, values, version, updated_at, created_by, updated_by } = resource;
    let keys = [
        (keys::PARTITION_KEY, keys::resource(tenant, id)),
        (keys::LISTING, keys::listing(tenant, values.status, id, shards)),
        (keys::UPDATED_KEY, keys::updated(updated_at, id)),
        (keys::NAME_KEY, keys::name(&values.name, id)),
    ];
    let attributes = document::to_attribute_value(&values.attributes)?;
    let mut item: Item = serde_dynamo::to_item(StoredResource {
        id,
        name: values.name,
        status: values.status,
        description: values.description,
        related_ids: values.related_ids,
        version,
        updated_at,
        created_by,
        updated_by,
    })
    .map_err(Error::defect)?;
    item.insert(ATTRIBUTES.to_owned(), attributes);
    item.extend(keys.map(|(name, key)| (name.to_owned(), AttributeValue::S(key))));
    Ok(item)
}

/// The resource that an item holds.
pub(super) fn to_resource(mut item: Item) -> Result<Resource, Error> {
    let attributes = item
        .remove(ATTRIBUTES)
        .ok_or_else(|| Error::defect("a stored resource has no attributes"))
        .and_then(document::from_attribute_value)?;
    let stored: StoredResource = serde_dynamo::from_item(item).map_err(Error::defect)?;
    Ok(Resource {
        id: stored.id,
        values: Values {
            name: stored.name,
            status: stored.status,
            description: stored.description,
            attributes,
            related_ids: stored.related_ids,
        },
        version: stored.version,
        updated_at: stored.updated_at,
        created_by: stored.created_by,
        updated_by: stored.updated_by,
    })
}

/// The summary that an index's item holds.
pub(super) fn to_summary(item: Item) -> Result<Summary, Error> {
    let stored: StoredSummary = serde_dynamo::from_item(item).map_err(Error::defect)?;
    Ok(Summary {
        id: stored.id,
        name: stored.name,
        status: stored.status,
        version: stored.version,
        created_at: stored.id.created_at(),
        updated_at: stored.updated_at,
        created_by: stored.created_by,
    })
}
