//! Projection expressions: the paths of an item to read, and no others.

use std::collections::BTreeSet;

use super::item::{CREATED_BY, PURGE_AT, REST, SUMMARY, UPDATED_AT, UPDATED_BY, VERSION};
use super::keys;
use crate::domain::{FieldRef, Fields, Kind};

/// The paths of some fields, and the attributes that are always read: the key, the version, `summary` and
/// `purge_at`. `created_at` is the id's own timestamp.
pub(super) fn paths(kind: &Kind, fields: Fields) -> Vec<String> {
    let mut paths: Vec<String> = [keys::PARTITION_KEY, SUMMARY, VERSION, PURGE_AT].map(str::to_owned).into();
    let owned = [
        (FieldRef::UPDATED_AT, UPDATED_AT),
        (FieldRef::CREATED_BY, CREATED_BY),
        (FieldRef::UPDATED_BY, UPDATED_BY),
    ];
    paths.extend(
        owned.iter().filter(|(field, _)| fields.contains(*field)).map(|(_, name)| (*name).to_owned()),
    );
    let asked: Vec<_> = kind.declared().filter(|(field, _)| fields.contains(*field)).collect();
    if asked.len() == kind.fields.len() {
        paths.push(REST.to_owned());
    } else {
        // The field may have been unlisted when the resource was written, so its value may be in `rest`.
        paths.extend(asked.into_iter().map(|(_, field)| format!("{REST}.{}", field.name)));
    }
    paths
}

/// The most bytes of all paths together. DynamoDB's limit is 4 KB, including the marks of placeholders.
const MAX_PATHS: usize = 3000;

/// The same paths without those that are within another. If they are too long for an expression, the whole of
/// `rest` replaces its parts.
pub(super) fn fitted(paths: BTreeSet<String>) -> Vec<String> {
    let is_part = |path: &String| path.starts_with(REST) && path.len() > REST.len();
    let length: usize = paths.iter().map(|path| path.len() + 4).sum();
    if !paths.contains(REST) && length <= MAX_PATHS {
        return paths.into_iter().collect();
    }
    paths
        .into_iter()
        .filter(|path| !is_part(path))
        .chain([REST.to_owned()])
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// The paths of the attributes that every index has.
pub(super) fn index_paths() -> Vec<String> {
    [keys::PARTITION_KEY, SUMMARY, VERSION, UPDATED_AT, CREATED_BY, PURGE_AT].map(str::to_owned).into()
}
