//! The format of cache entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{FieldValue, Resource, ResourceId, ResourceKey, Status, Timestamp, Values, Version};

/// The beginning of every entry: the number of its format. Another format gets another number, so that
/// entries of the old one are invalid.
const LAYOUT: &str = "1:";
/// The number of digits of a version. They are padded, because the scripts compare versions as strings.
const VERSION_DIGITS: usize = 20;

/// The cached state of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CacheEntry {
    /// The resource.
    Present(Box<Resource>),
    /// It was deleted at this version, or, at version 0, never existed.
    Absent(Version),
}

/// A version as entries contain it.
pub(super) fn version_text(version: Version) -> String {
    format!("{version:0VERSION_DIGITS$}")
}

#[derive(Serialize, Deserialize)]
struct Entry<V> {
    collection: String,
    id: ResourceId,
    resource: Option<Stored<V>>,
}

/// A resource. `V` is the type of its values, which differs between writing and reading.
#[derive(Serialize, Deserialize)]
struct Stored<V> {
    status: String,
    values: BTreeMap<String, V>,
    version: Version,
    updated_at: Timestamp,
    created_by: String,
    updated_by: String,
}

/// An entry: `LAYOUT`, the version, `:`, and JSON with the collection, the id and the resource.
pub(super) fn write(key: &ResourceKey, known: &CacheEntry) -> Option<String> {
    let (version, resource) = match known {
        CacheEntry::Absent(version) => (*version, None),
        CacheEntry::Present(resource) => {
            let Resource { id: _, values, version, updated_at, created_by, updated_by, purge_at: _ } =
                &**resource;
            let stored = Stored {
                status: values.status().as_str().to_owned(),
                values: values.iter().map(|(_, field, value)| (field.name.to_owned(), value)).collect(),
                version: *version,
                updated_at: *updated_at,
                created_by: created_by.clone(),
                updated_by: updated_by.clone(),
            };
            (*version, Some(stored))
        }
    };
    let (collection, id) = key;
    let json = serde_json::to_string(&Entry { collection: collection.to_string(), id: *id, resource });
    Some(format!("{LAYOUT}{}:{}", version_text(version), json.ok()?))
}

/// Parses the entry of a resource. `None` if it is invalid, or that of another resource.
pub(super) fn read((collection, id): &ResourceKey, bytes: &[u8]) -> Option<CacheEntry> {
    let text = std::str::from_utf8(bytes).ok()?.strip_prefix(LAYOUT)?;
    let (version, json) = text.split_at_checked(VERSION_DIGITS)?;
    let version: Version = version.parse().ok()?;
    let entry: Entry<&RawValue> = serde_json::from_str(json.strip_prefix(':')?).ok()?;
    if entry.collection != collection.to_string() || entry.id != *id {
        return None;
    }
    let Some(stored) = entry.resource else { return Some(CacheEntry::Absent(version)) };
    let kind = collection.kind;
    let mut fields = Vec::with_capacity(kind.fields.len());
    for field in kind.fields {
        // An entry without a field was written before the field was declared.
        fields.push(FieldValue::of_printed(field, stored.values.get(field.name)?)?);
    }
    let resource = Resource {
        id: *id,
        values: Values::new(kind, Status::parse(kind, &stored.status)?, fields),
        version: stored.version,
        updated_at: stored.updated_at,
        created_by: stored.created_by,
        updated_by: stored.updated_by,
        purge_at: None,
    };
    (stored.version == version).then(|| CacheEntry::Present(Box::new(resource)))
}
