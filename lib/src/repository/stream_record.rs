//! A record of the resources table's stream: the images of an item before a change and after it.

use super::item::Item;
use super::{item, keys};
use crate::Error;
use crate::domain::{ChangeEvent, ChangeType, Resource, ResourceKey, Tenant, Timestamp};

/// An item as a record holds it; empty where there is none.
pub use serde_dynamo::Item as Image;

/// The change that a record tells of. `expired` says that DynamoDB's TTL made it.
///
/// # Errors
/// When an image holds no resource.
pub fn changed(before: Image, after: Image, at: Timestamp, expired: bool) -> Result<ChangeEvent, Error> {
    let read = |image: Image| {
        let item: Item = image.into();
        (!item.is_empty()).then(|| owned(item)).transpose()
    };
    let (before, after) = (read(before)?, read(after)?);
    let resource_key =
        after.as_ref().or(before.as_ref()).map(|(tenant, resource)| (tenant.clone(), resource.id));
    let (tenant, id) = resource_key.ok_or_else(|| Error::defect("a record has no images"))?;
    let boxed = |it: (Tenant, Resource)| Box::new(it.1);
    let change_type = match (before.map(boxed), after.map(boxed)) {
        (before, Some(after)) => ChangeType::Stored { before, after },
        (Some(before), None) => ChangeType::Removed { before, expired },
        (None, None) => return Err(Error::defect("a record has no images")),
    };
    Ok(ChangeEvent { tenant, id, at, change_type })
}

/// The tenant and the resource of an item of the resources table.
fn owned(item: Item) -> Result<(Tenant, Resource), Error> {
    let (tenant, id) = resource_key(&item)?;
    let resource = item::to_resource(item)?;
    if resource.id == id { Ok((tenant, resource)) } else { Err(Error::defect("an item has another's id")) }
}

/// Whose resource an item of the resources table holds, and which.
///
/// # Errors
/// When it has no such key.
pub fn resource_key(item: &Item) -> Result<ResourceKey, Error> {
    let key = item::text(item, keys::PARTITION_KEY)?;
    keys::parse_resource(key).ok_or_else(|| Error::defect("an item is no resource"))
}
