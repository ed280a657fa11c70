//! Every key of every table and index is built here, and none without a tenant.

use crate::domain::{ResourceId, Status, Tenant, Timestamp, fold};

/// The resources table's partition key.
pub(super) const PARTITION_KEY: &str = "pk";
/// The partition key that the indexes share.
pub(super) const LISTING: &str = "listing";
/// The index in the order of creation; its sort key is the resource's `id`.
pub(super) const BY_CREATED: &str = "by_created";
/// The sort key of the index in the order of change.
pub(super) const UPDATED_KEY: &str = "updated_key";
/// The sort key of the index in the order of names.
pub(super) const NAME_KEY: &str = "name_key";

/// DynamoDB's limit for a sort key, in bytes.
const MAX_SORT_KEY_LENGTH: usize = 1024;
/// Stands between a folded name and the id. Names hold no control characters, so it sorts before all of them, and
/// "ab" comes before "ab c".
const NAME_SEPARATOR: char = '\u{1}';

/// Into how many partitions each list of a tenant and status is divided. A partition takes 1,000 writes a second.
/// The number may grow, for readers ask every shard below it; it may never shrink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards(u8);

impl Shards {
    /// The most shards that a list may have.
    pub const MAX: u8 = 64;

    /// `None` outside 1 to 64.
    pub fn new(count: u8) -> Option<Self> {
        (1..=Self::MAX).contains(&count).then_some(Self(count))
    }

    fn of(self, id: ResourceId) -> u64 {
        id.random_bits() % u64::from(self.0)
    }
}

impl Default for Shards {
    fn default() -> Self {
        Self(1)
    }
}

/// The partition key of a resource.
pub(super) fn resource(tenant: &Tenant, id: ResourceId) -> String {
    format!("{tenant}#{id}")
}

/// The index partition that a resource stands in.
pub(super) fn listing(tenant: &Tenant, status: Status, id: ResourceId, shards: Shards) -> String {
    format!("{tenant}#{status}#{}", shards.of(id))
}

/// All index partitions of some statuses.
pub(super) fn listings(tenant: &Tenant, statuses: &[Status], shards: Shards) -> Vec<String> {
    statuses
        .iter()
        .flat_map(|status| (0..shards.0).map(move |shard| format!("{tenant}#{status}#{shard}")))
        .collect()
}

/// The sort key in the order of change.
pub(super) fn updated(updated_at: Timestamp, id: ResourceId) -> String {
    format!("{updated_at}#{id}")
}

/// The sort key in the order of names. Names whose folded form is longer than a sort key can hold are ordered by
/// their beginning.
pub(super) fn name(name: &str, id: ResourceId) -> String {
    let id = id.to_string();
    let mut folded = fold(name);
    let longest = MAX_SORT_KEY_LENGTH - id.len() - NAME_SEPARATOR.len_utf8();
    folded.truncate(folded.floor_char_boundary(longest));
    format!("{folded}{NAME_SEPARATOR}{id}")
}
