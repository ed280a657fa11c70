//! The requests that are measured.

use std::time::Duration;

use anyhow::Result;
use resource_api::domain::{Caller, Role};
use serde_json::json;

use crate::bench::data::Data;
use crate::bench::event;
use crate::token::signed;

/// The lifetime of the tokens.
const AN_HOUR: Duration = Duration::from_hours(1);
/// The number of callers that take turns. At some 1,500 requests a second, each sends about 20: enough for blocks of tokens, and
/// below its limit of 50.
const CALLERS: usize = 64;
/// With a delay, a function serves fewer requests, so only one in this many callers sends them.
const FEWER: usize = 8;
/// The number of callers in a case where each caller sends few requests.
const SELDOM_CALLERS: usize = 2_000;
/// The length of the text in the `attributes` of each resource.
const TEXT: usize = 500;

/// The case whose responses are compressed.
const GZIP: &str = "100 in gzip";

/// A request to a function, sent by several callers.
pub(super) struct Case {
    pub(super) function: &'static str,
    pub(super) what: &'static str,
    pub(super) status: &'static str,
    /// The event of each caller's request.
    pub(super) events: Vec<String>,
}

impl Case {
    /// The events, if DynamoDB responds after a delay.
    pub(super) fn events(&self, delay: Duration) -> &[String] {
        let count = if delay.is_zero() { self.events.len() } else { self.events.len() / FEWER };
        &self.events[..count]
    }

    /// The name in the documentation.
    pub(super) fn name(&self) -> String {
        let method = match self.function {
            "get-resource" => "get",
            "list-resources" => "list",
            "create-resource" => "create",
            function => function,
        };
        format!("{method}: {}", self.what)
    }
}

/// All cases. The first is also sent to the bare function.
pub(super) async fn all(data: &Data) -> Result<Vec<Case>> {
    let attributes = json!({ "text": "x".repeat(TEXT), "list": [1, 2, 3] });
    let ids = data.resources(100, &attributes.to_string(), &[]).await?;
    let body =
        json!({ "name": "word", "description": "y".repeat(200), "attributes": attributes }).to_string();
    let batch = json!({ "ids": &ids[..10] }).to_string();
    let path = format!("/api/resources/{}", ids[0]);
    let change = json!({ "description": "d" }).to_string();
    let list = "/api/resources?status=active";
    let page = format!("{list}&limit=100");
    let rows: [(_, _, _, _, _, &str, _); 8] = [
        ("get-resource", "one", "200", CALLERS, "GET", &path, None),
        ("get-resource", "one, seldom", "200", SELDOM_CALLERS, "GET", &path, None),
        ("list-resources", "20", "200", CALLERS, "GET", list, None),
        ("list-resources", "100", "200", CALLERS, "GET", &page, None),
        ("list-resources", GZIP, "200", CALLERS, "GET", &page, None),
        (
            "batch-get-resources",
            "10 resources",
            "200",
            CALLERS,
            "POST",
            "/api/resources/batch-get",
            Some(&batch),
        ),
        ("create-resource", "one", "201", CALLERS, "POST", "/api/resources", Some(&body)),
        ("update-resource", "one", "200", CALLERS, "PATCH", &path, Some(&change)),
    ];
    let cases = rows.into_iter().map(|(function, what, status, callers, method, target, body)| {
        let events = (0..callers).map(|number| {
            let caller = Caller { subject: format!("caller-{number}"), ..Caller::example(Role::Admin) };
            let gzip = [("accept-encoding", "gzip")];
            let headers = if what == GZIP { &gzip[..] } else { &[] };
            Ok(event::request(&signed(&caller, AN_HOUR)?, method, target, body.map(String::as_str), headers))
        });
        Ok(Case { function, what, status, events: events.collect::<Result<_>>()? })
    });
    cases.collect()
}
