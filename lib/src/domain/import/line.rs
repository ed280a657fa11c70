//! A record as a line that an import takes: as the API shows it, and of a deleted one also what a view does not say.

use serde::Serialize;

use crate::domain::{Resource, Status, Timestamp, View};

/// The member of a deleted record that says what a view does not. No field of a kind can have this name.
pub(super) const DELETION: &str = "$deleted";

/// A record, whole.
#[derive(Debug, Clone, Serialize)]
pub struct RecordLine {
    #[serde(flatten)]
    view: View,
    #[serde(rename = "$deleted", skip_serializing_if = "Option::is_none")]
    deletion: Option<Deletion>,
}

/// What a view does not say of a deleted record.
#[derive(Debug, Clone, Serialize)]
struct Deletion {
    /// The status that it would be restored with.
    status: &'static str,
    /// When it is gone for good.
    purge_at: Timestamp,
}

impl From<Resource> for RecordLine {
    fn from(resource: Resource) -> Self {
        let status = Status::as_str(resource.values.status());
        let deletion = resource.purge_at.map(|purge_at| Deletion { status, purge_at });
        Self { view: resource.into(), deletion }
    }
}
