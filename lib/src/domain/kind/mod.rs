//! Kinds: the declarations of resources, as constant data.

mod access;
mod checks;
mod decimal;
mod declaration;
mod field;
mod field_type;
mod free_form;
mod index_key;
mod kinds;
mod lint;
pub(in crate::domain) mod read;
mod rules;
mod statuses;
mod text;
mod values;

pub use access::Access;
pub use decimal::Decimal;
pub use field::Field;
pub use field_type::{Controls, Format, List, Text, Type};
pub use free_form::MAX_DEPTH;
pub(crate) use index_key::{END, ID_LENGTH, MAX_SORT_KEY_LENGTH};
pub use index_key::{IndexKey, Operator, index_key, subject_key};
pub use kinds::Kinds;
pub use lint::{declaration_faults, declaration_warnings};
pub(in crate::domain) use rules::check_change;
pub use rules::{Proposed, Rule, RuleFaults};
pub use statuses::Statuses;
pub use text::{EMAIL, whole};
pub use values::{FieldValue, Replacement, Values};
pub(in crate::domain) use values::{is_client_owned, unknown_fields};

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::domain::{FieldRef, Fields};

/// The most indexes that a kind may declare: `by_1` to `by_8` of the resources table.
pub const MAX_INDEXES: usize = 8;

/// A kind of resource: its fields, statuses and indexes. A constant, in a file of its own.
pub struct Kind {
    /// The last part of the path of its collection, in the plural: `orders` for `/api/orders`.
    pub name: &'static str,
    /// The name in the singular, for events: `order` for `order.created`.
    pub singular: &'static str,
    /// The fields that a client owns, in the order in which a resource shows them.
    pub fields: &'static [Field],
    /// Its statuses.
    pub statuses: Statuses,
    /// How its lists are stored.
    pub lists: Lists,
    /// The fields that lists can be filtered and sorted by, besides times: names of fields, `status` and
    /// `created_by`. The first is in the index `by_1`, and so on. Only append to this list.
    pub indexes: &'static [&'static str],
    /// The indexes that are written, but not read until `cargo xtask reindex` has filled them.
    pub filling: &'static [&'static str],
    /// Unique constraints: the values of these fields together are unique among the living resources of a
    /// tenant.
    pub unique: &'static [&'static [&'static str]],
    /// The roles that may read, write and delete.
    pub access: Access,
    /// Rules across fields.
    pub rules: &'static [Rule],
    /// The codes of the faults that the rules find, each with its cause, for the `OpenAPI` document.
    pub rule_codes: &'static [(&'static str, &'static str)],
}

/// How the lists of a kind are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// Partitions for each status. A list of one status in any order is one query for each shard. A change of
    /// status moves the row in every index: 2 write units each.
    ByStatus,
    /// The same partitions for all statuses. A list is one query for each shard. A change of status moves no
    /// row, which is 1 write unit for each index. A list of some of the statuses filters out the others after
    /// reading them, unless `status` is an index.
    Together,
}

/// The indexed field or member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexed {
    /// A field of the kind.
    Field(FieldRef),
    /// The status.
    Status,
    /// The subject that created the resource: for filters only, not for sorting.
    CreatedBy,
}

impl Kind {
    /// The field of a name; `None` for any other word.
    pub fn field_ref(&self, name: &str) -> Option<FieldRef> {
        FieldRef::of_server(name)
            .or_else(|| self.fields.iter().position(|field| field.name == name).map(FieldRef::declared))
    }

    /// The declaration of a field; `None` for one that every kind has.
    pub fn declaration(&self, field: FieldRef) -> Option<&'static Field> {
        self.fields.get(field.position()?)
    }

    /// The name of a field.
    pub fn name_of(&self, field: FieldRef) -> &'static str {
        self.declaration(field).map_or_else(|| field.server_name(), |declared| declared.name)
    }

    /// Each declared field, with its position.
    pub fn declared(&self) -> impl Iterator<Item = (FieldRef, &'static Field)> {
        self.fields.iter().enumerate().map(|(position, field)| (FieldRef::declared(position), field))
    }

    /// Every field, in the order in which a resource shows them. The status follows the first declared field.
    pub fn shown(&self) -> impl Iterator<Item = FieldRef> {
        let mut declared = (0..self.fields.len()).map(FieldRef::declared);
        let first = declared.next();
        [FieldRef::ID].into_iter().chain(first).chain([FieldRef::STATUS]).chain(declared).chain([
            FieldRef::VERSION,
            FieldRef::CREATED_AT,
            FieldRef::UPDATED_AT,
            FieldRef::CREATED_BY,
            FieldRef::UPDATED_BY,
        ])
    }

    /// Every field.
    pub fn all_fields(&self) -> Fields {
        self.shown().collect()
    }

    /// The fields that a list shows by default.
    pub fn summary(&self) -> Fields {
        let listed = |field: &FieldRef| {
            *field != FieldRef::UPDATED_BY && self.declaration(*field).is_none_or(|field| !field.unlisted)
        };
        self.shown().filter(listed).collect()
    }

    /// The fields that every index holds: the summary, and all references, so that `expand` needs no read of
    /// the listed resources.
    pub fn index_fields(&self) -> Fields {
        let references = self.declared().filter(|(_, field)| field.is_in_summary());
        references.fold(self.summary(), |fields, (field, _)| fields.with(field))
    }

    /// The fields whose words search finds.
    pub fn searched(&self) -> Fields {
        self.declared().filter(|(_, field)| field.searched).map(|(field, _)| field).collect()
    }

    /// Whether it has `owners_only` roles.
    pub fn has_owners(&self) -> bool {
        !self.access.owners_only.is_empty()
    }

    /// The lists of references, for the route `related`.
    pub fn reference_lists(&self) -> impl Iterator<Item = FieldRef> {
        self.declared().filter(|(_, field)| field.is_reference_list()).map(|(field, _)| field)
    }

    /// The indexed field or member of a name.
    pub fn indexed(&self, name: &str) -> Option<Indexed> {
        match name {
            "status" => Some(Indexed::Status),
            "created_by" => Some(Indexed::CreatedBy),
            name => self.field_ref(name).map(Indexed::Field),
        }
    }

    /// Each index that is written: its number from 0, and its field or member.
    pub fn written_indexes(&self) -> impl Iterator<Item = (usize, Indexed)> {
        self.indexes.iter().enumerate().filter_map(|(slot, name)| Some((slot, self.indexed(name)?)))
    }

    /// Each index that is filled, with its number from 0 and its name.
    pub fn readable_indexes(&self) -> impl Iterator<Item = (usize, &'static str, Indexed)> {
        let filled = self.indexes.iter().enumerate().filter(|(_, name)| !self.filling.contains(name));
        filled.filter_map(|(slot, name)| Some((slot, *name, self.indexed(name)?)))
    }

    /// The declared fields that lists can be filtered by.
    pub fn filters(&self) -> impl Iterator<Item = (FieldRef, &'static Field)> {
        self.readable_indexes().filter_map(|(_, _, indexed)| match indexed {
            Indexed::Field(field) => Some((field, self.declaration(field)?)),
            Indexed::Status | Indexed::CreatedBy => None,
        })
    }

    /// Whether a replacement depends on the stored values, so that they must be read first.
    pub fn reads_before_replacing(&self) -> bool {
        self.statuses.transitions.is_some()
            || !self.rules.is_empty()
            || self.reads_before_deleting()
            || self.fields.iter().any(|field| field.immutable || field.must_exist)
    }

    /// Whether a deletion depends on the stored values, because it releases unique ones.
    pub fn reads_before_deleting(&self) -> bool {
        !self.unique.is_empty()
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Kind {}

impl Hash for Kind {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kind {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name.cmp(other.name)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
pub(crate) mod tests;
