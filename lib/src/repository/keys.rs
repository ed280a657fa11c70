//! Builds the keys of resources in every table and index. Every partition key contains the tenant and the
//! kind.

use crate::domain::{
    Collection, END, ID_LENGTH, IndexKey, Kind, Kinds, Lists, MAX_INDEXES, MAX_SORT_KEY_LENGTH, ResourceId,
    ResourceKey, Shards, ShownStatus, Tenant, Timestamp, UniqueValue, subject_key,
};

/// The resources table's partition key.
pub(super) const PARTITION_KEY: &str = "pk";
/// The partition key that the indexes share.
pub(super) const LISTING: &str = "listing";
/// The sort key of the search table.
pub(super) const SORT_KEY: &str = "sk";
/// The index in the order of creation, and its sort key.
pub(super) const BY_CREATED: &str = "by_created";
pub(super) const ID: &str = "id";
/// The index in the order of change, and its sort key.
pub(super) const BY_UPDATED: &str = "by_updated";
pub(super) const UPDATED_KEY: &str = "updated_key";
/// The indexes that a kind declares, and their sort keys.
pub(super) const INDEXES: [&str; MAX_INDEXES] =
    ["by_1", "by_2", "by_3", "by_4", "by_5", "by_6", "by_7", "by_8"];
pub(super) const INDEX_KEYS: [&str; MAX_INDEXES] =
    ["index_1", "index_2", "index_3", "index_4", "index_5", "index_6", "index_7", "index_8"];

/// Separates a word from the id. It sorts before every letter and digit, so that resources with exactly this
/// word come before those with a longer one.
const WORD_SEPARATOR: char = '#';
/// The length of an id in a key of the search table.
const WORD_ID_LENGTH: usize = 32;

/// The partition key of a resource.
pub(super) fn resource(collection: &Collection, id: ResourceId) -> String {
    format!("{collection}#{id}")
}

/// The content of a resource's partition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ParsedKey {
    /// A resource of a declared kind.
    Resource(ResourceKey),
    /// A resource of a kind that is no longer declared, or not yet.
    UndeclaredKind,
}

/// Parses the partition key of a resource; `None` if it is malformed.
pub(super) fn parse_resource(key: &str, kinds: Kinds) -> Option<ParsedKey> {
    let mut parts = key.splitn(3, '#');
    let (tenant, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
    let (tenant, id) = (Tenant::parse(tenant)?, ResourceId::parse(id)?);
    Some(match kinds.find(kind) {
        Some(kind) => ParsedKey::Resource((Collection { tenant, kind }, id)),
        None => ParsedKey::UndeclaredKind,
    })
}

/// The partition of all words with the same first character, of the resources of one owner or of all.
pub(super) fn words(collection: &Collection, owner: Option<&str>, word: &str) -> String {
    let first = word.chars().next().map(String::from).unwrap_or_default();
    match owner {
        Some(owner) => format!("{collection}#{}#{first}", subject_key(owner).text),
        None => format!("{collection}#{first}"),
    }
}

/// The sort key of a word of a resource. The newest resources come first.
pub(super) fn word(word: &str, id: ResourceId) -> String {
    format!("{}{WORD_SEPARATOR}{:032x}", beginning_of_word(word), !u128::from_be_bytes(*id.as_bytes()))
}

/// The prefix of the sort keys of all words that begin with this one. A word that is longer than a key is
/// cut.
pub(super) fn beginning_of_word(word: &str) -> &str {
    let longest = MAX_SORT_KEY_LENGTH - WORD_ID_LENGTH - WORD_SEPARATOR.len_utf8();
    word.get(..word.floor_char_boundary(longest)).unwrap_or_default()
}

/// Parses the sort key of a word into the word and the id; `None` if it is malformed.
pub(super) fn parse_word(key: &str) -> Option<(&str, ResourceId)> {
    let (word, id) = key.rsplit_once(WORD_SEPARATOR).filter(|(_, id)| id.len() == WORD_ID_LENGTH)?;
    let id = !u128::from_str_radix(id, 16).ok()?;
    Some((word, ResourceId::from_bytes(id.to_be_bytes())))
}

/// The collection in the partition key of words; `None` if it is malformed, or the kind is not declared.
pub(super) fn parse_words(key: &str, kinds: Kinds) -> Option<Collection> {
    let mut parts = key.splitn(3, '#');
    let (tenant, kind, _first) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Collection { tenant: Tenant::parse(tenant)?, kind: kinds.find(kind)? })
}

/// The partition key of a unique value.
pub(super) fn unique_value(collection: &Collection, value: &UniqueValue) -> String {
    format!("{collection}#{}#{}", value.fields.join(","), value.digest)
}

/// A partition key of the same table that no unique value has.
pub(super) fn no_unique_value(collection: &Collection) -> String {
    collection.to_string()
}

/// The collection in the partition key of a unique value; `None` if it is malformed, or the kind is not
/// declared.
pub(super) fn parse_unique_value(key: &str, kinds: Kinds) -> Option<Collection> {
    let mut parts = key.split('#');
    let (tenant, kind, _fields, _digest) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(Collection { tenant: Tenant::parse(tenant)?, kind: kinds.find(kind)? })
}

/// The partition key of a file's first import in the idempotency table. Keys of responses have only one `#`,
/// so that the two cannot collide.
pub(super) fn first_import(collection: &Collection, digest: &str) -> String {
    format!("{collection}#import#{digest}")
}

/// The group of a resource in the lists of its kind.
fn group(kind: &Kind, status: ShownStatus) -> &'static str {
    match (kind.lists, status) {
        (Lists::Together, ShownStatus::Living(_)) => "",
        (_, status) => status.as_str(),
    }
}

/// The index partition of a resource.
pub(super) fn listing(
    collection: &Collection,
    status: ShownStatus,
    id: ResourceId,
    shards: Shards,
) -> String {
    format!("{collection}#{}#{}", group(collection.kind, status), shards.of(id))
}

/// All index partitions of some statuses, each with those of the statuses that are in it.
pub(super) fn listings(
    collection: &Collection,
    statuses: &[ShownStatus],
    shards: Shards,
) -> Vec<(String, Vec<ShownStatus>)> {
    let mut groups: Vec<(&str, Vec<ShownStatus>)> = Vec::new();
    for status in statuses {
        let group = group(collection.kind, *status);
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, statuses)) => statuses.push(*status),
            None => groups.push((group, vec![*status])),
        }
    }
    let of_group = |(group, statuses): (&str, Vec<ShownStatus>)| {
        let partition = |shard| (format!("{collection}#{group}#{shard}"), statuses.clone());
        (0..shards.count()).map(partition).collect::<Vec<_>>()
    };
    groups.into_iter().flat_map(of_group).collect()
}

/// A sort key: a value and the id.
pub(super) fn sort_key(value: &IndexKey, id: ResourceId) -> String {
    format!("{}{END}{id}", value.text)
}

/// The value of a sort key in the order of change.
pub(super) fn updated(updated_at: Timestamp) -> IndexKey {
    IndexKey::of_plain(&updated_at.to_string())
}

/// The prefix that exactly the ids of a millisecond have: a UUID version 7 begins with 48 bits of Unix time
/// (RFC 9562, section 5.7).
pub(super) fn beginning_of_ids(time: Timestamp) -> String {
    let digits = format!("{:012x}", time.as_microseconds() / 1000);
    let (high, low) = digits.split_at(8);
    format!("{high}-{low}")
}

/// Splits a sort key into the part before the id, and the id. With `is_id` the key must be only an id. `None`
/// if it is malformed.
pub(super) fn split_sort_key(key: &str, is_id: bool) -> Option<(&str, ResourceId)> {
    let (beginning, id) = key.split_at_checked(key.len().checked_sub(ID_LENGTH)?)?;
    let valid = if is_id {
        beginning.is_empty()
    } else {
        beginning.ends_with(END) && key.len() <= MAX_SORT_KEY_LENGTH
    };
    Some((beginning, ResourceId::parse(id)?)).filter(|_| valid)
}
