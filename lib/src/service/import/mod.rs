//! Imports records: each is stored once, under its own id and unchanged, and no existing resource is changed.
//! If DynamoDB does not respond, calls are retried until the caller's deadline.

mod checks;
mod presence;
mod write;

pub use checks::Unmet;
pub use presence::Presence;
pub use write::Imported;

use backon::Retryable as _;

use super::WriteService;
use crate::Error;
use crate::domain::{
    Announcement, Collection, Decision, Effect, ImportRules, Kind, Requirements, Resource, ResourceId, Scope,
    Timestamp,
};
use crate::repository::FirstImports;
use crate::retry::Backoff;

/// The options of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportOptions {
    /// Whether events are published for the records.
    pub announcement: Announcement,
    /// Whether the target of a reference that must exist may be missing.
    pub allow_missing_references: bool,
}

/// Imports records into a collection.
#[derive(Debug, Clone)]
pub struct ImportService {
    writes: WriteService,
    first_imports: FirstImports,
    collection: Collection,
    options: ImportOptions,
}

impl ImportService {
    /// Imports through the service that applies all other changes, too.
    pub fn over(
        writes: WriteService,
        first_imports: FirstImports,
        collection: Collection,
        options: ImportOptions,
    ) -> Self {
        Self { writes, first_imports, collection, options }
    }

    /// The time at which a file, by its digest, was first imported; `None` if it never was.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn first_import(&self, digest: &str) -> Result<Option<Timestamp>, Error> {
        patiently(|| self.first_imports.find(&self.collection, digest)).await
    }

    /// Stores the present time as that of a file's first import, unless there is one. Returns the stored
    /// time.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn keep_first_import(&self, digest: &str, now: Timestamp) -> Result<Timestamp, Error> {
        patiently(|| self.first_imports.keep(&self.collection, digest, now)).await?;
        Ok(self.first_import(digest).await?.unwrap_or(now))
    }

    /// The rules for the lines of a file that was first imported at a time.
    pub fn rules(&self, started_at: Timestamp) -> ImportRules {
        ImportRules { collection: self.collection.clone(), retention: self.writes.retention, started_at }
    }

    /// The decision to store a record. References to `present` resources, which are known to exist, are not
    /// checked.
    fn decision(&self, record: &Resource, present: impl Fn(ResourceId) -> bool) -> Decision {
        // Consumers do not know this resource, so an event of its deletion has no use.
        let announcement = if record.is_deleted() { Announcement::None } else { self.options.announcement };
        let mut decision = Decision::of(None, Effect::Imported(record.clone(), announcement));
        if record.is_deleted() || self.options.allow_missing_references {
            decision.references.clear();
        }
        let own = self.collection.kind.name;
        decision.references.retain(|reference| reference.kind != own || !present(reference.id));
        decision
    }

    /// The requirements of a record on other resources, whoever created these.
    fn requirements(&self, decision: &Decision) -> Requirements {
        let scope = |kind: &'static Kind| {
            Some(Scope::all(Collection { tenant: self.collection.tenant.clone(), kind }))
        };
        Requirements::of(self.collection.kind, std::slice::from_ref(decision), self.writes.kinds, scope)
    }
}

/// Retries until the deadline while DynamoDB is unavailable, or other transactions conflict.
pub(super) async fn patiently<T, F>(attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let passing = |error: &Error| matches!(error, Error::Unavailable(_) | Error::WriteConflict);
    attempt.retry(Backoff::until_the_deadline()).when(passing).await
}
