//! Requests as API Gateway sends them to a function.

use serde_json::{Map, Value, json};

/// A request (HTTP API, payload format 2.0).
pub(super) fn request(
    token: &str,
    method: &str,
    target: &str,
    body: Option<&str>,
    further_headers: &[(&str, &str)],
) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let content_type = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let mut headers = json!({ "authorization": format!("Bearer {token}"), "content-type": content_type });
    for (name, value) in further_headers {
        headers[name] = (*value).into();
    }
    // The segments after `/api/`.
    let parameters: Map<String, Value> = ["kind", "id"]
        .into_iter()
        .zip(path.split('/').skip(2))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "pathParameters": parameters,
        "requestContext": {
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
            "requestId": "gateway-request-id",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": false,
    });
    event.to_string()
}
