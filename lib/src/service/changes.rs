//! The rules for changes of resources.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use serde_json::Value;

use super::ResourceService;
use crate::Error;
use crate::domain::{Caller, ExpectedVersion, Resource, ResourceId, Timestamp, Values, merge_patch};

/// How often a patch without a precondition is computed anew after another write came first.
const PATCH_RETRIES: usize = 5;
/// The wait before the first of these, doubled with each and spread by jitter.
const PATCH_BACKOFF: Duration = Duration::from_millis(10);

impl ResourceService {
    /// A new resource.
    ///
    /// # Errors
    /// [`Error::Validation`] with every fault of the body.
    pub async fn create(&self, caller: &Caller, body: Value, now: Timestamp) -> Result<Resource, Error> {
        let values = Values::from_json(body).map_err(Error::Validation)?;
        let resource = Resource::new(values, caller, now);
        self.repository.create(&caller.tenant, resource.clone()).await?;
        Ok(resource)
    }

    /// Replaces every field that a client owns.
    ///
    /// # Errors
    /// [`Error::Validation`] with every fault of the body, [`Error::NotFound`], [`Error::PreconditionFailed`].
    pub async fn replace(
        &self,
        caller: &Caller,
        id: ResourceId,
        body: Value,
        expected: &ExpectedVersion,
        now: Timestamp,
    ) -> Result<Resource, Error> {
        let values = Values::from_json(body).map_err(Error::Validation)?;
        self.repository.replace(caller, id, values, expected, now).await
    }

    /// Applies a merge patch (RFC 7396). Where another write comes between reading and writing, the patch is
    /// applied to what that write made, unless the caller named versions.
    ///
    /// # Errors
    /// [`Error::Validation`] with every fault of the patch and its result, [`Error::NotFound`],
    /// [`Error::PreconditionFailed`], and [`Error::Unavailable`] when other writes came first again and again.
    pub async fn update(
        &self,
        caller: &Caller,
        id: ResourceId,
        patch: &Value,
        expected: &ExpectedVersion,
        now: Timestamp,
    ) -> Result<Resource, Error> {
        let attempt = || async {
            let current = self.repository.find(&caller.tenant, id).await?;
            if !expected.allows(current.version) {
                return Err(Error::PreconditionFailed { current: current.version });
            }
            let values = merge_patch(&current.values, patch).map_err(Error::Validation)?;
            if values == current.values {
                return Ok(current);
            }
            let read = ExpectedVersion::OneOf(vec![current.version]);
            self.repository.replace(caller, id, values, &read, now).await
        };
        if *expected != ExpectedVersion::Any {
            return attempt().await;
        }
        let backoff = ExponentialBuilder::default()
            .with_min_delay(PATCH_BACKOFF)
            .with_max_times(PATCH_RETRIES)
            .with_jitter();
        let lost_race = |error: &Error| matches!(error, Error::PreconditionFailed { .. });
        attempt.retry(backoff).when(lost_race).await.map_err(|error| match error {
            Error::PreconditionFailed { .. } => {
                Error::Unavailable("other changes of the resource came first each time".into())
            }
            error => error,
        })
    }

    /// Removes a resource.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::PreconditionFailed`].
    pub async fn delete(
        &self,
        caller: &Caller,
        id: ResourceId,
        expected: &ExpectedVersion,
    ) -> Result<(), Error> {
        self.repository.delete(&caller.tenant, id, expected).await
    }
}
