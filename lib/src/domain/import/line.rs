//! A record as a line of an import file: the view of the resource, and for a deleted one also its `$deleted`
//! member.

use serde::Serialize;

use crate::domain::{Resource, Status, Timestamp, View};

/// The member of a deleted record that has what the view lacks. No field of a kind can have this name.
pub(super) const DELETION: &str = "$deleted";

/// A complete record.
#[derive(Debug, Clone, Serialize)]
pub struct RecordLine {
    #[serde(flatten)]
    view: View,
    #[serde(rename = "$deleted", skip_serializing_if = "Option::is_none")]
    deletion: Option<Deletion>,
}

/// The part of a deleted record that a view lacks.
#[derive(Debug, Clone, Serialize)]
struct Deletion {
    /// The status after a restore.
    status: &'static str,
    /// The time of the purge.
    purge_at: Timestamp,
}

impl From<Resource> for RecordLine {
    fn from(resource: Resource) -> Self {
        let status = Status::as_str(resource.values.status());
        let deletion = resource.purge_at.map(|purge_at| Deletion { status, purge_at });
        Self { view: resource.into(), deletion }
    }
}
