//! The rules for imported records: each is stored once, under its own id and as it was, and no existing resource is changed.
//! The caller's deadline says how long a store that does not respond is waited for.

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

/// How records are imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportOptions {
    /// Whether others are told of them.
    pub announcement: Announcement,
    /// Whether a reference that must exist may lead nowhere.
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
    /// Imports through a service that makes all other changes, too.
    pub fn over(
        writes: WriteService,
        first_imports: FirstImports,
        collection: Collection,
        options: ImportOptions,
    ) -> Self {
        Self { writes, first_imports, collection, options }
    }

    /// When a file, by its digest, was first imported; `None` if it never was.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn first_import(&self, digest: &str) -> Result<Option<Timestamp>, Error> {
        patiently(|| self.first_imports.find(&self.collection, digest)).await
    }

    /// Keeps that a file is imported now, unless it was imported before. Gives when that was first.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn keep_first_import(&self, digest: &str, now: Timestamp) -> Result<Timestamp, Error> {
        patiently(|| self.first_imports.keep(&self.collection, digest, now)).await?;
        Ok(self.first_import(digest).await?.unwrap_or(now))
    }

    /// What decides what becomes of the lines of a file that was first imported at a time.
    pub fn rules(&self, started_at: Timestamp) -> ImportRules {
        ImportRules { collection: self.collection.clone(), retention: self.writes.retention, started_at }
    }

    /// The decision that a record is stored. `present` says of which resources it is known that they are there: references to
    /// these are not checked.
    fn decision(&self, record: &Resource, present: impl Fn(ResourceId) -> bool) -> Decision {
        // An event of what is deleted would tell nobody anything.
        let announcement = if record.is_deleted() { Announcement::None } else { self.options.announcement };
        let mut decision = Decision::of(None, Effect::Imported(record.clone(), announcement));
        if record.is_deleted() || self.options.allow_missing_references {
            decision.references.clear();
        }
        let own = self.collection.kind.name;
        decision.references.retain(|reference| reference.kind != own || !present(reference.id));
        decision
    }

    /// What a record requires of others, whoever created these.
    fn requirements(&self, decision: &Decision) -> Requirements {
        let scope = |kind: &'static Kind| {
            Some(Scope::all(Collection { tenant: self.collection.tenant.clone(), kind }))
        };
        Requirements::of(self.collection.kind, std::slice::from_ref(decision), self.writes.kinds, scope)
    }
}

/// Tries again until the deadline while the store does not answer, or other transactions are at an item.
pub(super) async fn patiently<T, F>(attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let passing = |error: &Error| matches!(error, Error::Unavailable(_) | Error::WriteConflict);
    attempt.retry(Backoff::until_the_deadline()).when(passing).await
}
