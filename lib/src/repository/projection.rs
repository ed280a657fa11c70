//! Projection expressions: the paths to what is read of a resource's item, and no more.

use std::collections::BTreeSet;

use super::item::{CREATED_BY, PURGE_AT, REST, SUMMARY, UPDATED_AT, UPDATED_BY, VERSION};
use super::keys;
use crate::domain::{FieldRef, Fields, Kind};

/// The paths to what holds some fields of a kind, besides what is always read: the key, the version, what indexes hold, and
/// until when a deleted resource is there. `created_at` is the id's own timestamp.
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
        // A field may have been unlisted when its resource was written.
        paths.extend(asked.into_iter().map(|(_, field)| format!("{REST}.{}", field.name)));
    }
    paths
}

/// How long the paths of a projection may be together. DynamoDB takes 4 KB, with the marks of placeholders.
const MAX_PATHS: usize = 3000;

/// The same paths, none of them within another, and no more than an expression has room for.
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

/// The paths to what every index holds.
pub(super) fn index_paths() -> Vec<String> {
    [keys::PARTITION_KEY, SUMMARY, VERSION, UPDATED_AT, CREATED_BY, PURGE_AT].map(str::to_owned).into()
}
