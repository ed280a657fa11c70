//! Calls to moto, a stand-in for AWS services, that no function makes.

use anyhow::{Result, ensure};
use serde_json::Value;

/// Calls a service of the moto at a URL. `target` is the value of `x-amz-target`.
///
/// # Errors
/// If moto does not respond, or rejects the call.
pub async fn moto(endpoint: &str, service: &str, target: &str, body: Value) -> Result<Value> {
    let credential = format!("AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/{service}/aws4_request");
    // The developer's commands choose a TLS provider for all clients; a test has none yet.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let response = reqwest::Client::new()
        .post(endpoint)
        .header("authorization", credential)
        .header("x-amz-target", target)
        .header("content-type", "application/x-amz-json-1.0")
        .body(body.to_string())
        .send()
        .await?;
    let status = response.status();
    let text = response.text().await?;
    ensure!(status.is_success(), "{target}: {text}");
    Ok(serde_json::from_str(&text).unwrap_or_default())
}
