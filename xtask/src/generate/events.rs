//! `events/NAME.json`: an example event for each function. Only missing files are written; the author of the
//! route completes their bodies.

use serde_json::{Value, json};
use testing::{EXAMPLE_ID, EXAMPLE_KIND};

use super::functions::Trigger;
use super::{Function, Generated};

const HOST: &str = "abc123.execute-api.us-east-1.amazonaws.com";
const TIME: &str = "22/Nov/2026:06:57:40 +0000";
const TIME_EPOCH: u64 = 1_795_330_660_123;
const CLIENT: &str = "curl/8.11.0";
const CLIENT_ADDRESS: &str = "192.0.2.10";

/// The initial event of a function.
pub(super) fn file(function: &Function) -> Generated {
    let event = match &function.trigger {
        Trigger::Route { method, path, .. } => request(function, method, path),
        Trigger::Unmatched => request(function, "GET", "/no-such-path"),
        Trigger::Stream { table, .. } => record(table),
    };
    let text = format!("{event:#}\n");
    Generated { path: format!("events/{}.json", function.name), text, idempotent: true }
}

/// A request as API Gateway sends it to a function (HTTP API, payload format 2.0).
fn request(function: &Function, method: &str, form: &str) -> Value {
    let path = form.replace("{kind}", EXAMPLE_KIND).replace("{id}", EXAMPLE_ID);
    let key = function.route_key().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "application/json",
            "host": HOST,
            "user-agent": CLIENT,
            "x-forwarded-for": CLIENT_ADDRESS,
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "domainName": HOST,
            "domainPrefix": "abc123",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": CLIENT_ADDRESS,
                "userAgent": CLIENT,
            },
            "requestId": format!("{}-event", function.name),
            "routeKey": key,
            "stage": "$default",
            "time": TIME,
            "timeEpoch": TIME_EPOCH,
        },
        "isBase64Encoded": false,
    });
    let parameters = [("kind", EXAMPLE_KIND), ("id", EXAMPLE_ID)];
    for (name, value) in parameters.iter().filter(|(name, _)| form.contains(&format!("{{{name}}}"))) {
        event["pathParameters"][name] = (*value).into();
    }
    if matches!(method, "POST" | "PUT" | "PATCH") {
        event["headers"]["content-type"] = "application/json".into();
        event["body"] = "{}".into();
    }
    event
}

/// A batch of a table's stream, with one record without content.
fn record(table: &str) -> Value {
    let source =
        format!("arn:aws:dynamodb:us-east-1:123456789012:table/{table}/stream/2026-11-22T00:00:00.000");
    json!({ "Records": [{ "eventSource": "aws:dynamodb", "eventSourceARN": source }] })
}
