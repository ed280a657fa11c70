//! Records of the resources table's stream: the images of an item before and after a change.

use super::item::Item;
use super::keys::ParsedKey;
use super::{item, keys};
use crate::Error;
use crate::domain::{ChangeEvent, ChangeType, Kind, Kinds, Resource, ResourceKey, Timestamp};

/// An image of an item; empty if the record has none.
pub use serde_dynamo::Item as Image;

/// The change of a record; `None` if its kind is not declared. `expired` is whether DynamoDB's TTL made it.
///
/// # Errors
/// If an image is not a resource.
pub fn changed(
    kinds: Kinds,
    before: Image,
    after: Image,
    at: Timestamp,
    expired: bool,
) -> Result<Option<ChangeEvent>, Error> {
    let (before, after): (Item, Item) = (before.into(), after.into());
    let key = resource_key(if after.is_empty() { &before } else { &after }, kinds)?;
    let Some((collection, id)) = key else { return Ok(None) };
    let announcement = item::announcement(&after);
    let read = |item: Item| (!item.is_empty()).then(|| resource(collection.kind, item)).transpose();
    let change_type = match (read(before)?, read(after)?) {
        (before, Some(after)) => ChangeType::Stored { before, after },
        (Some(before), None) => ChangeType::Removed { before, expired },
        (None, None) => return Err(Error::defect("a record has no images")),
    };
    Ok(Some(ChangeEvent { collection, id, at, change_type, announcement }))
}

fn resource(kind: &'static Kind, item: Item) -> Result<Box<Resource>, Error> {
    item::to_resource(kind, item).map(Box::new)
}

/// The key of an item of the resources table; `None` if its kind is not declared.
///
/// # Errors
/// If it is not the key of a resource.
pub fn resource_key(item: &Item, kinds: Kinds) -> Result<Option<ResourceKey>, Error> {
    match keys::parse_resource(item::text(item, keys::PARTITION_KEY)?, kinds) {
        Some(ParsedKey::Resource(key)) => Ok(Some(key)),
        Some(ParsedKey::UndeclaredKind) => Ok(None),
        None => Err(Error::defect("an item is no resource")),
    }
}
