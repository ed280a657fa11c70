//! Clients of AWS services, and the first connections to DynamoDB.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Builder, SharedHttpClient};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use futures_util::future::join_all;

use super::capacity_meter::CapacityMeter;
use super::deadline_timeouts::DeadlineTimeouts;
use super::trace_header::TraceHeader;
use crate::error::Cause;
use crate::retry::{CALL_ATTEMPTS, MAX_BACKOFF, MIN_BACKOFF};

/// The root certificates of all AWS endpoints (Amazon Trust Services, "Root CAs"). Reading these five instead
/// of all of the system's shortens a cold start.
const AMAZON_ROOT_CERTIFICATES: &[u8] = include_bytes!("amazon_root_certificates.pem");

/// The timeout of one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// The timeout of a call with all its attempts, below the functions' own timeout of 10 s.
const CALL_TIMEOUT: Duration = Duration::from_secs(6);
/// How long start-up waits for the first connections.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// The configuration of every client, with the credentials and the region of the environment.
///
/// # Errors
/// When the trust store cannot be built.
pub async fn sdk_config() -> Result<SdkConfig, Cause> {
    Ok(aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http_client()?).load().await)
}

/// A client of DynamoDB in the region, or at another endpoint.
///
/// # Errors
/// When the trust store cannot be built.
pub async fn dynamodb(endpoint: Option<String>) -> Result<Client, Cause> {
    let mut builder = Builder::from(&sdk_config().await?);
    builder.set_endpoint_url(endpoint);
    Ok(built(builder))
}

/// Opens `count` connections concurrently, so that the first request does not wait for them.
pub async fn open_connections(client: &Client, count: usize) {
    let calls = (0..count).map(|_| client.describe_endpoints().send());
    // The responses are ignored, errors included: only the connections are needed.
    let _ = tokio::time::timeout(WARM_UP_TIMEOUT, join_all(calls)).await;
}

/// A client of DynamoDB with this configuration.
pub fn dynamodb_from(config: &SdkConfig) -> Client {
    built(Builder::from(config))
}

/// Adds timeouts, retries and metering. A call takes no longer than the request has left.
fn built(builder: Builder) -> Client {
    let builder = builder
        .behavior_version(BehaviorVersion::v2026_01_12())
        .retry_config(retries())
        .timeout_config(timeouts())
        // It would measure the throughput of each body. The timeout of an attempt also ends a stalled
        // response.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(CapacityMeter)
        .interceptor(DeadlineTimeouts)
        .interceptor(TraceHeader);
    Client::from_conf(builder.build())
}

/// The retries of calls to DynamoDB and EventBridge.
pub(crate) fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(CALL_ATTEMPTS)
        .with_initial_backoff(MIN_BACKOFF)
        .with_max_backoff(MAX_BACKOFF)
}

/// The timeouts of these calls.
pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(CALL_TIMEOUT)
        .build()
}

/// An HTTP client for AWS's own endpoints.
///
/// # Errors
/// When the trust store cannot be built.
fn http_client() -> Result<SharedHttpClient, Cause> {
    let trust_store = TrustStore::empty().with_pem_certificate(AMAZON_ROOT_CERTIFICATES);
    let context = TlsContext::builder().with_trust_store(trust_store).build()?;
    Ok(aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .build_https())
}
