//! Values that no two living resources of a collection share.

use crate::domain::{Resource, hash, hexadecimal};

/// The value of a unique constraint: no other living resource of the collection may have it in these fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueValue {
    /// The names of the fields, as the kind declares them.
    pub fields: &'static [&'static str],
    /// A hash of the values. Texts that are equal in their folded form have the same hash.
    pub digest: String,
}

impl UniqueValue {
    /// The unique values of a resource. A deleted resource has none, nor has a constraint with a null in one
    /// of its fields.
    pub fn all_of(resource: &Resource) -> Vec<Self> {
        if resource.is_deleted() {
            return Vec::new();
        }
        resource.values.kind().unique.iter().filter_map(|fields| Self::of(resource, fields)).collect()
    }

    fn of(resource: &Resource, fields: &'static [&'static str]) -> Option<Self> {
        let kind = resource.values.kind();
        let value = |name: &&str| kind.indexed(name)?.identity_of(&resource.values, &resource.created_by);
        let values: Vec<String> = fields.iter().map(value).collect::<Option<_>>()?;
        let parts: Vec<&[u8]> = values.iter().map(String::as_bytes).collect();
        Some(Self { fields, digest: hexadecimal(&hash(&parts)) })
    }
}
