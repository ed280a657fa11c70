//! Checks whether a record is stored already.

use std::collections::HashSet;

use super::{ImportService, patiently};
use crate::Error;
use crate::domain::{Fault, Faults, Fields, Resource, ResourceId, Scope};

/// The resource that is stored under the id of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// None.
    Absent,
    /// The record itself.
    Same,
    /// Another resource, or a later version of the record.
    Other(Box<Resource>),
}

impl Presence {
    fn of(there: Option<Resource>, record: &Resource) -> Self {
        match there {
            None => Self::Absent,
            Some(there) if there == *record => Self::Same,
            Some(there) => Self::Other(Box::new(there)),
        }
    }

    /// The fault of a record whose id another resource has.
    pub fn fault() -> Faults {
        Fault::body("/id", "already_exists", "A resource with this id exists and differs from this line")
            .into()
    }
}

impl ImportService {
    /// The stored resource with the id of each record: strongly consistent reads.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn presence(&self, records: &[&Resource]) -> Result<Vec<Presence>, Error> {
        let key = |record: &&Resource| (self.collection.clone(), record.id);
        let mut found = patiently(|| self.writes.resources.find_all(records.iter().map(key))).await?;
        Ok(records.iter().map(|record| Presence::of(found.remove(&key(record)), record)).collect())
    }

    /// Those of some resources of the collection that exist and are not deleted.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn living(&self, ids: &HashSet<ResourceId>) -> Result<HashSet<ResourceId>, Error> {
        let scope = Scope::all(self.collection.clone());
        self.living_in(&scope, ids).await
    }

    pub(super) async fn living_in(
        &self,
        scope: &Scope,
        ids: &HashSet<ResourceId>,
    ) -> Result<HashSet<ResourceId>, Error> {
        let views = || self.writes.resources.views(scope, ids.iter().copied(), Fields::NONE);
        Ok(patiently(views).await?.into_keys().collect())
    }
}
