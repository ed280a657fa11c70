//! The part of a resource that a response shows, with its expansions.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::domain::{FieldRef, Fields, Kind, Resource, ResourceId, Scope, ShownStatus, Timestamp, Version};

/// Some fields of a resource. Only those are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Fields that are not shown may have any value.
    resource: Resource,
    fields: Fields,
}

impl View {
    /// Some fields of a resource. The id, the version, the status and `purge_at` must always be those of the
    /// resource; the other fields only if they are shown.
    pub fn new(resource: Resource, fields: Fields) -> Self {
        Self { resource, fields }
    }

    /// The resource's kind.
    pub fn kind(&self) -> &'static Kind {
        self.resource.values.kind()
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

    /// Whether it is in a scope. It must have the fields of [`Scope::fields_to_read`].
    pub fn is_in(&self, scope: &Scope) -> bool {
        debug_assert!(scope.fields_to_read(Fields::NONE).are_within(self.fields));
        scope.covers(&self.resource.created_by)
    }

    /// As [`Resource::exists_at`].
    pub fn exists_at(&self, now: Timestamp) -> bool {
        self.resource.exists_at(now)
    }

    /// The ids that a field refers to. The field must be one of those shown.
    pub fn references(&self, field: FieldRef) -> &[ResourceId] {
        debug_assert!(self.fields.contains(field));
        self.resource.values.get(field).map(super::super::FieldValue::references).unwrap_or_default()
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

    /// The resource. Only its shown fields are valid.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    fn serialize_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Resource { id, values, version, updated_at, created_by, updated_by, purge_at: _ } =
            &self.resource;
        for field in self.kind().shown().filter(|field| self.fields.contains(*field)) {
            let name = self.kind().name_of(field);
            match field {
                FieldRef::ID => map.serialize_entry(name, id)?,
                FieldRef::STATUS => map.serialize_entry(name, &self.shown_status())?,
                FieldRef::VERSION => map.serialize_entry(name, version)?,
                FieldRef::CREATED_AT => map.serialize_entry(name, &id.created_at())?,
                FieldRef::UPDATED_AT => map.serialize_entry(name, updated_at)?,
                FieldRef::CREATED_BY => map.serialize_entry(name, created_by)?,
                FieldRef::UPDATED_BY => map.serialize_entry(name, updated_by)?,
                declared => map.serialize_entry(name, &values.get(declared))?,
            }
        }
        Ok(())
    }
}

impl From<Resource> for View {
    /// All fields of a resource.
    fn from(resource: Resource) -> Self {
        let fields = resource.values.kind().all_fields();
        Self::new(resource, fields)
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.serialize_fields(&mut map)?;
        map.end()
    }
}

/// A resource, with the targets of its expanded references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The requested fields.
    pub view: View,
    /// The expanded references.
    pub expansions: Vec<Expansion>,
}

/// The targets of a field's references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expansion {
    /// Of a reference: the target, with the name of its member.
    One(&'static str, Option<Box<View>>),
    /// Of a list of references.
    Many {
        /// The name of the field.
        field: &'static str,
        /// The name of the member with the resources.
        name: &'static str,
        /// The targets of the ids.
        found: BatchGetResult,
    },
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.view.serialize_fields(&mut map)?;
        for expansion in &self.expansions {
            match expansion {
                Expansion::One(name, view) => map.serialize_entry(name, view)?,
                Expansion::Many { field, name, found } => {
                    map.serialize_entry(name, &found.found)?;
                    map.serialize_entry(&format!("unresolved_{field}"), &found.missing)?;
                }
            }
        }
        map.end()
    }
}

/// The resources of some ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchGetResult {
    /// The resources, in the order of the ids.
    pub found: Vec<View>,
    /// The ids of resources that do not exist, each once, in the order of the ids.
    pub missing: Vec<ResourceId>,
}
