//! Parses API Gateway's event (HTTP API, payload format 2.0).
//!
//! `lambda_http` is not used for it, because no input of a client may end an invocation: `lambda_http` 1.3
//! panics on a body that is not Base64, and fails on an event with a header value that is not visible ASCII.
//! The client would get the gateway's own error.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;

use super::body::Body;
use super::request::Request;
use crate::domain::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    raw_path: String,
    raw_query_string: Option<String>,
    headers: Option<HashMap<String, String>>,
    path_parameters: Option<HashMap<String, String>>,
    request_context: RequestContext,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    http: HttpDescription,
    request_id: Option<String>,
}

#[derive(Deserialize)]
struct HttpDescription {
    method: String,
}

/// A request, and its id in API Gateway.
pub(super) struct Received {
    pub(super) request: Request,
    pub(super) gateway_request_id: Option<String>,
}

/// Parses an event.
///
/// # Errors
/// When it is not an event of an HTTP API with payload format 2.0: an error of the deployment, not of the
/// client.
pub(super) fn parse(payload: &str, now: Timestamp) -> Result<Received, serde_json::Error> {
    let event: Event = serde_json::from_str(payload)?;
    let method = Method::from_bytes(event.request_context.http.method.as_bytes())
        .map_err(|_| serde::de::Error::custom("requestContext.http.method is no method"))?;
    let body = match event.body {
        None => Body::Bytes(Vec::new()),
        Some(text) if !event.is_base64_encoded => Body::Bytes(text.into_bytes()),
        Some(text) => STANDARD.decode(text).map_or(Body::NotBase64, Body::Bytes),
    };
    let request = Request {
        method,
        path: event.raw_path,
        query: event.raw_query_string.unwrap_or_default(),
        headers: headers(event.headers.unwrap_or_default()),
        path_parameters: event.path_parameters.unwrap_or_default(),
        body,
        received_at: now,
        kinds: None,
    };
    Ok(Received { request, gateway_request_id: event.request_context.request_id })
}

/// The header fields, without those that HTTP does not allow.
fn headers(fields: HashMap<String, String>) -> HeaderMap {
    fields
        .into_iter()
        .filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
        })
        .collect()
}
