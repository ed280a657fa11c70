//! Whether an earlier attempt of a write may have been applied although its last attempt was refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_dynamodb::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

use crate::Error;

/// Sees the attempts of one call. The SDK tries again after a timeout, a lost connection or a 5xx, any of which may have
/// applied the write; a failed condition then says nothing certain about the request, for it may have met its own work.
#[derive(Debug, Clone, Default)]
pub(super) struct LostResponses(Arc<AtomicBool>);

impl LostResponses {
    /// Whether an attempt may have been applied.
    pub(super) fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// A refusal, where it is certain; else [`Error::Unavailable`], so that the client asks what became of its write.
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
        // What DynamoDB refuses with a 4xx it has not applied.
        let refused = context.response().is_some_and(|response| response.status().is_client_error());
        if !answered && !refused {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
