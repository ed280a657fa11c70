//! What the cache holds of a resource, as bytes.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{Attributes, Resource, ResourceId, Status, Tenant, Timestamp, Values, Version};

/// What stands before every entry: its layout. Another layout gets another number, and is then no entry.
const LAYOUT: &str = "1:";
/// The digits of a version, so that versions compare as text. The script that stores entries compares them.
const VERSION_DIGITS: usize = 20;

/// What is known of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CacheEntry {
    /// It is this.
    Present(Box<Resource>),
    /// There is none at this version: it was deleted, or at 0 never there.
    Absent(Version),
}

/// A version as entries hold it.
pub(super) fn version_text(version: Version) -> String {
    format!("{version:0VERSION_DIGITS$}")
}

/// The key of a resource's entry.
pub(super) fn key(tenant: &Tenant, id: ResourceId) -> String {
    format!("resource-api:{tenant}#{id}")
}

#[derive(Serialize, Deserialize)]
struct Entry<A> {
    tenant: String,
    id: ResourceId,
    resource: Option<Stored<A>>,
}

/// A resource; `A` are its attributes as they are written, or as they are read.
#[derive(Serialize, Deserialize)]
struct Stored<A> {
    name: String,
    status: Status,
    description: Option<String>,
    attributes: A,
    related_ids: Vec<ResourceId>,
    version: Version,
    updated_at: Timestamp,
    created_by: String,
    updated_by: String,
}

/// An entry: `LAYOUT`, the version, `:` and JSON that says whose it is.
pub(super) fn write(tenant: &Tenant, id: ResourceId, known: &CacheEntry) -> Option<String> {
    let (version, resource) = match known {
        CacheEntry::Absent(version) => (*version, None),
        CacheEntry::Present(resource) => {
            let Resource { id: _, values, version, updated_at, created_by, updated_by, purge_at: _ } =
                Resource::clone(resource);
            let stored = Stored {
                name: values.name,
                status: values.status,
                description: values.description,
                attributes: values.attributes,
                related_ids: values.related_ids,
                version,
                updated_at,
                created_by,
                updated_by,
            };
            (version, Some(stored))
        }
    };
    let json = serde_json::to_string(&Entry { tenant: tenant.to_string(), id, resource }).ok()?;
    Some(format!("{LAYOUT}{}:{json}", version_text(version)))
}

/// Attributes of their JSON, which is as they were printed.
fn attributes(json: Box<RawValue>) -> Option<Attributes> {
    let escapes = json.get().contains('\\');
    if escapes {
        serde_json::from_str(json.get()).ok().map(Attributes::of)
    } else {
        Some(Attributes::from_json(Box::<str>::from(json)))
    }
}

/// What an entry says of this very resource; `None` for what is no entry, or one of another.
pub(super) fn read(tenant: &Tenant, id: ResourceId, bytes: &[u8]) -> Option<CacheEntry> {
    let text = std::str::from_utf8(bytes).ok()?.strip_prefix(LAYOUT)?;
    let (version, json) = text.split_at_checked(VERSION_DIGITS)?;
    let version: Version = version.parse().ok()?;
    let entry: Entry<Box<RawValue>> = serde_json::from_str(json.strip_prefix(':')?).ok()?;
    if entry.tenant != tenant.as_str() || entry.id != id {
        return None;
    }
    let Some(stored) = entry.resource else { return Some(CacheEntry::Absent(version)) };
    let resource = Resource {
        id,
        values: Values {
            name: stored.name,
            status: stored.status,
            description: stored.description,
            attributes: attributes(stored.attributes)?,
            related_ids: stored.related_ids,
        },
        version: stored.version,
        updated_at: stored.updated_at,
        created_by: stored.created_by,
        updated_by: stored.updated_by,
        purge_at: None,
    };
    (stored.version == version).then(|| CacheEntry::Present(Box::new(resource)))
}
