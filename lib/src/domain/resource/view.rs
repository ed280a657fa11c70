//! A resource as far as it was asked for, and with what was asked for besides.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::domain::{Field, Fields, Resource, ResourceId, ShownStatus, Timestamp, Version};

/// Some fields of a resource. What it shows is those fields and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Holds anything in the fields that are not shown.
    resource: Resource,
    fields: Fields,
}

impl View {
    /// Some fields of a resource. The id, the version, the status and `purge_at` are always those of the resource,
    /// shown or not; of the other fields only those that are shown need to be.
    pub fn new(resource: Resource, fields: Fields) -> Self {
        Self { resource, fields }
    }

    /// The resource's id.
    pub fn id(&self) -> ResourceId {
        self.resource.id
    }

    /// The resource's version.
    pub fn version(&self) -> Version {
        self.resource.version
    }

    /// As [`Resource::shown_status`].
    pub fn shown_status(&self) -> ShownStatus {
        self.resource.shown_status()
    }

    /// The resource's name. It must be one of the fields.
    pub fn name(&self) -> &str {
        debug_assert!(self.fields.contains(Field::Name));
        &self.resource.values.name
    }

    /// As [`Resource::exists_at`].
    pub fn exists_at(&self, now: Timestamp) -> bool {
        self.resource.exists_at(now)
    }

    /// The resource's relations. They must be one of the fields.
    pub fn related_ids(&self) -> &[ResourceId] {
        debug_assert!(self.fields.contains(Field::RelatedIds));
        &self.resource.values.related_ids
    }

    /// Whether it has all of these fields.
    pub fn has(&self, fields: Fields) -> bool {
        fields.are_within(self.fields)
    }

    /// Shows fewer fields.
    #[must_use]
    pub fn select(mut self, fields: Fields) -> Self {
        debug_assert!(self.has(fields));
        self.fields = fields;
        self
    }

    fn serialize_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Resource { id, values, version, updated_at, created_by, updated_by, purge_at: _ } =
            &self.resource;
        for field in self.fields.iter() {
            let name = field.as_str();
            match field {
                Field::Id => map.serialize_entry(name, id)?,
                Field::Name => map.serialize_entry(name, &values.name)?,
                Field::Status => map.serialize_entry(name, &self.shown_status())?,
                Field::Description => map.serialize_entry(name, &values.description)?,
                Field::Attributes => map.serialize_entry(name, &values.attributes)?,
                Field::RelatedIds => map.serialize_entry(name, &values.related_ids)?,
                Field::Version => map.serialize_entry(name, version)?,
                Field::CreatedAt => map.serialize_entry(name, &id.created_at())?,
                Field::UpdatedAt => map.serialize_entry(name, updated_at)?,
                Field::CreatedBy => map.serialize_entry(name, created_by)?,
                Field::UpdatedBy => map.serialize_entry(name, updated_by)?,
            }
        }
        Ok(())
    }
}

impl From<Resource> for View {
    /// All of a resource.
    fn from(resource: Resource) -> Self {
        Self::new(resource, Fields::ALL)
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.serialize_fields(&mut map)?;
        map.end()
    }
}

/// A resource, and its relations where they were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The fields asked for.
    pub view: View,
    /// The resources that it is related to.
    pub related: Option<BatchGetResult>,
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.view.serialize_fields(&mut map)?;
        if let Some(related) = &self.related {
            map.serialize_entry("related", &related.found)?;
            map.serialize_entry("unresolved_related_ids", &related.missing)?;
        }
        map.end()
    }
}

/// What some ids lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchGetResult {
    /// The resources, in the order of the ids.
    pub found: Vec<View>,
    /// The ids that lead nowhere, each once, in their order.
    pub missing: Vec<ResourceId>,
}
