//! A resource as it is kept, and the summary of it that lists give.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::{Caller, ResourceId, Status, Timestamp, Values};

/// How often a resource was written: 1 on creation, one more with each change.
pub type Version = u64;

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its identity, which also says when it was created.
    pub id: ResourceId,
    /// What clients say of it.
    pub values: Values,
    /// How often it was written.
    pub version: Version,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The subject that created it.
    pub created_by: String,
    /// The subject that last changed it.
    pub updated_by: String,
}

impl Resource {
    /// A new resource of the caller's, made at `now`.
    pub fn new(values: Values, caller: &Caller, now: Timestamp) -> Self {
        let id = ResourceId::generate(now);
        Self {
            id,
            values,
            version: 1,
            updated_at: id.created_at(),
            created_by: caller.subject.clone(),
            updated_by: caller.subject.clone(),
        }
    }
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Resource", 11)?;
        fields.serialize_field("id", &self.id)?;
        fields.serialize_field("name", &self.values.name)?;
        fields.serialize_field("status", &self.values.status)?;
        fields.serialize_field("description", &self.values.description)?;
        fields.serialize_field("attributes", &self.values.attributes)?;
        fields.serialize_field("related_ids", &self.values.related_ids)?;
        fields.serialize_field("version", &self.version)?;
        fields.serialize_field("created_at", &self.id.created_at())?;
        fields.serialize_field("updated_at", &self.updated_at)?;
        fields.serialize_field("created_by", &self.created_by)?;
        fields.serialize_field("updated_by", &self.updated_by)?;
        fields.end()
    }
}

/// What lists say of a resource: the fields that the indexes hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The resource's identity.
    pub id: ResourceId,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: Status,
    /// How often it was written.
    pub version: Version,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The subject that created it.
    pub created_by: String,
}
