//! Every key of every table and index is built here, and none without a tenant.

use crate::domain::{ResourceId, ResourceKey, Shards, ShownStatus, SortField, Tenant, Timestamp, fold};

/// The resources table's partition key.
pub(super) const PARTITION_KEY: &str = "pk";
/// The partition key that the indexes share.
pub(super) const LISTING: &str = "listing";
/// The sort key of the tables of words.
pub(super) const SORT_KEY: &str = "sk";
/// The index in the order of creation, and its sort key.
pub(super) const BY_CREATED: &str = "by_created";
pub(super) const ID: &str = "id";
/// The index in the order of change, and its sort key.
pub(super) const BY_UPDATED: &str = "by_updated";
pub(super) const UPDATED_KEY: &str = "updated_key";
/// The index in the order of names, and its sort key.
pub(super) const BY_NAME: &str = "by_name";
pub(super) const NAME_KEY: &str = "name_key";

/// DynamoDB's limit for a sort key, in bytes.
const MAX_SORT_KEY_LENGTH: usize = 1024;
/// Stands between a folded name and the id. Names hold no control characters, so it sorts before all of them, and
/// "ab" comes before "ab c".
const NAME_SEPARATOR: char = '\u{1}';
/// Stands between a time and the id.
const TIME_SEPARATOR: char = '#';
/// Stands between a word and the id. It sorts before every letter and digit, so that all that have a word whole come before
/// those that have a longer one.
const WORD_SEPARATOR: char = '#';
/// The length of an id in a key of words.
const WORD_ID_LENGTH: usize = 32;
/// The length of a written id.
const ID_LENGTH: usize = 36;

/// The partition key of a resource.
pub(super) fn resource(tenant: &Tenant, id: ResourceId) -> String {
    format!("{tenant}#{id}")
}

/// The tenant and the id in the partition key of a resource; `None` for what is none.
pub(super) fn parse_resource(key: &str) -> Option<ResourceKey> {
    let (tenant, id) = key.split_once('#')?;
    Some((Tenant::parse(tenant)?, ResourceId::parse(id)?))
}

/// The partition of all words with the first character of this one.
pub(super) fn words(tenant: &Tenant, word: &str) -> String {
    let first = word.chars().next().map(String::from).unwrap_or_default();
    format!("{tenant}#{first}")
}

/// The sort key of a word of a resource's name: the newest resource first.
pub(super) fn word(word: &str, id: ResourceId) -> String {
    format!("{}{WORD_SEPARATOR}{:032x}", beginning_of_word(word), !u128::from_be_bytes(*id.as_bytes()))
}

/// How the sort keys begin of all words that begin with this one. Of a word that is longer than a key can hold, its
/// beginning.
pub(super) fn beginning_of_word(word: &str) -> &str {
    let longest = MAX_SORT_KEY_LENGTH - WORD_ID_LENGTH - WORD_SEPARATOR.len_utf8();
    word.get(..word.floor_char_boundary(longest)).unwrap_or_default()
}

/// The word and the id in the sort key of a word; `None` for what is none.
pub(super) fn parse_word(key: &str) -> Option<(&str, ResourceId)> {
    let (word, id) = key.rsplit_once(WORD_SEPARATOR).filter(|(_, id)| id.len() == WORD_ID_LENGTH)?;
    let id = !u128::from_str_radix(id, 16).ok()?;
    Some((word, ResourceId::from_bytes(id.to_be_bytes())))
}

/// The tenant in the partition key of words; `None` for what is none.
pub(super) fn parse_words(key: &str) -> Option<Tenant> {
    Tenant::parse(key.split_once('#')?.0)
}

/// The index partition of a status that a resource stands in.
pub(super) fn listing(tenant: &Tenant, status: ShownStatus, id: ResourceId, shards: Shards) -> String {
    format!("{tenant}#{}#{}", status.as_str(), shards.of(id))
}

/// All index partitions of some statuses.
pub(super) fn listings(tenant: &Tenant, statuses: &[ShownStatus], shards: Shards) -> Vec<String> {
    statuses
        .iter()
        .flat_map(|status| {
            (0..shards.count()).map(move |shard| format!("{tenant}#{}#{shard}", status.as_str()))
        })
        .collect()
}

/// The sort key in the order of change.
pub(super) fn updated(updated_at: Timestamp, id: ResourceId) -> String {
    format!("{updated_at}{TIME_SEPARATOR}{id}")
}

/// The sort key in the order of names. Names whose folded form is longer than a sort key can hold are ordered by
/// their beginning.
pub(super) fn name(name: &str, id: ResourceId) -> String {
    let mut folded = fold(name);
    let longest = MAX_SORT_KEY_LENGTH - ID_LENGTH - NAME_SEPARATOR.len_utf8();
    folded.truncate(folded.floor_char_boundary(longest));
    format!("{folded}{NAME_SEPARATOR}{id}")
}

/// The beginning that all ids made in a millisecond have, and none made before or after it: a UUID version 7 begins
/// with 48 bits of Unix time (RFC 9562, section 5.7).
pub(super) fn beginning_of_ids(time: Timestamp) -> String {
    let digits = format!("{:012x}", time.as_microseconds() / 1000);
    let (high, low) = digits.split_at(8);
    format!("{high}-{low}")
}

/// A sort key as what stands before the id, and the id; `None` for what is no sort key of that order.
pub(super) fn split_sort_key(key: &str, by: SortField) -> Option<(&str, ResourceId)> {
    let (beginning, id) = key.split_at_checked(key.len().checked_sub(ID_LENGTH)?)?;
    let valid = match by {
        SortField::Created => beginning.is_empty(),
        SortField::Updated => beginning.strip_suffix(TIME_SEPARATOR).and_then(Timestamp::parse).is_some(),
        SortField::Name => beginning.ends_with(NAME_SEPARATOR) && key.len() <= MAX_SORT_KEY_LENGTH,
    };
    Some((beginning, ResourceId::parse(id)?)).filter(|_| valid)
}
