//! Continues the trace of the running request in calls to AWS.

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;

use crate::telemetry;

/// The header that AWS's services read.
const X_AMZN_TRACE_ID: &str = "x-amzn-trace-id";

/// Sets `X-Amzn-Trace-Id`. By itself, the SDK sends only the trace that Lambda's runtime puts into the
/// environment. That is never the trace of a `traceparent`, and there is none if an instance serves several
/// requests at the same time.
#[derive(Debug)]
pub(crate) struct TraceHeader;

impl Intercept for TraceHeader {
    fn name(&self) -> &'static str {
        "TraceHeader"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(header) = telemetry::trace_header() {
            context.request_mut().headers_mut().insert(X_AMZN_TRACE_ID, header);
        }
        Ok(())
    }
}
