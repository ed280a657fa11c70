//! Limits every call of the SDK to the time that the running request has left.

use std::time::Duration;

use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept};
use aws_sdk_dynamodb::error::BoxError;

use crate::deadline;

/// Shortens the timeouts of a call to the time that is left.
#[derive(Debug)]
pub(crate) struct DeadlineTimeouts;

impl Intercept for DeadlineTimeouts {
    fn name(&self) -> &'static str {
        "DeadlineTimeouts"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let left = deadline::time_left();
        let at_most = |timeout: Option<Duration>| Some(timeout.map_or(left, |timeout| timeout.min(left)));
        let timeouts = config.load::<TimeoutConfig>().cloned().unwrap_or_else(TimeoutConfig::disabled);
        let mut limited = TimeoutConfig::builder();
        limited.set_operation_timeout(at_most(timeouts.operation_timeout()));
        limited.set_operation_attempt_timeout(at_most(timeouts.operation_attempt_timeout()));
        config.interceptor_state().store_put(limited.build());
        Ok(())
    }
}
