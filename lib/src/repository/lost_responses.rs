//! Records whether an earlier attempt of a write may have been applied, although its last attempt was
//! rejected.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

use crate::Error;

/// Observes the attempts of one call. The SDK retries after a timeout, a lost connection or a 5xx, each of
/// which may have applied the write. The condition of a retry may then fail because of the first attempt, so
/// a failed condition is not conclusive.
#[derive(Debug, Clone, Default)]
pub(super) struct LostResponses(Arc<AtomicBool>);

impl LostResponses {
    /// Whether an earlier attempt may have been applied.
    pub(super) fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The refusal, if it is conclusive. Otherwise [`Error::Unavailable`], so that the client checks whether
    /// its write was applied.
    pub(super) fn certain(&self, refusal: Error) -> Error {
        if self.any() {
            let cause = refusal.chain();
            return Error::Unavailable(
                format!("an earlier attempt of the same write may have been applied; the last one: {cause}")
                    .into(),
            );
        }
        refusal
    }
}

impl Intercept for LostResponses {
    fn name(&self) -> &'static str {
        "LostResponses"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answered = matches!(context.output_or_error(), Some(Ok(_)));
        // A write that DynamoDB rejects with a 4xx has not been applied.
        let refused = context.response().is_some_and(|response| response.status().is_client_error());
        if !answered && !refused {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
