//! The requests that take the most memory of each function, within the limits of the API.

use std::time::Duration;

use anyhow::{Result, bail};
use resource_api::domain::{Caller, ResourceId, Role};
use serde_json::{Value, json};

use crate::bench::data::{Data, LARGEST, many_escapes, many_objects};
use crate::bench::event;
use crate::token::signed;

/// The largest body of a request, and of a batch.
const BODY: usize = 1024 * 1024;
const BATCH: usize = 4 * 1024 * 1024;
/// The largest payload of an invocation by an event source mapping.
const PAYLOAD: usize = 6 * 1024 * 1024;
/// The lifetime of the token.
const AN_HOUR: Duration = Duration::from_hours(1);

/// A request, and the status code of the response.
pub(super) struct Worst {
    pub(super) what: &'static str,
    pub(super) status: &'static str,
    pub(super) event: String,
}

fn worst(what: &'static str, status: &'static str, event: String) -> Worst {
    Worst { what, status, event }
}

/// The requests for a function.
pub(super) async fn of(function: &str, data: &Data) -> Result<Vec<Worst>> {
    let largest = many_objects(LARGEST);
    Ok(match function {
        "unmatched-request" => {
            let body = many_objects(5 * BODY);
            vec![worst("a body of 5 MiB", "404", request("POST", "/nowhere", None, Some(&body))?)]
        }
        "docs" => vec![
            worst("the document", "200", request("GET", "/openapi.json", None, None)?),
            worst(
                "Swagger UI, not compressed",
                "200",
                request("GET", "/docs/swagger-ui-bundle.js", None, None)?,
            ),
        ],
        "health" => vec![worst("a request", "200", request("GET", "/health", None, None)?)],
        "get-resource" => {
            let others = data.resources(100, "{}", &[]).await?;
            let path = path(data.resources(1, &largest, &others).await?[0]);
            let expanded = format!("{path}?expand=related");
            vec![
                worst("390 KB", "200", request("GET", &path, None, None)?),
                worst("390 KB and 100 related ones", "200", request("GET", &expanded, None, None)?),
            ]
        }
        "list-related" => {
            let others = data.resources(100, &largest, &[]).await?;
            let path = path(data.resources(1, "{}", &others).await?[0]);
            let event = request("GET", &format!("{path}/related"), None, None)?;
            let escapes = data.resources(100, &many_escapes(LARGEST), &[]).await?;
            let escapes = self::path(data.resources(1, "{}", &escapes).await?[0]);
            let escapes = request("GET", &format!("{escapes}/related"), None, None)?;
            vec![
                worst("100 resources of 390 KB", "413", event),
                worst("100 resources of 390 KB, escaped in JSON", "413", escapes),
            ]
        }
        "list-resources" => {
            let others = data.resources(100, &largest, &[]).await?;
            let page = request("GET", "/api/resources?limit=100&fields=*", None, None)?;
            let mut requests = vec![worst("100 resources of 390 KB", "200", page)];
            for _ in 0..100 {
                data.resources(1, "{}", &others).await?;
            }
            let expanded = "/api/resources?limit=100&expand=related";
            requests.push(worst(
                "100 rows of 100 related ones",
                "200",
                request("GET", expanded, None, None)?,
            ));
            data.resources(13, &noise(LARGEST - 10_000), &[]).await?;
            let page = request("GET", "/api/resources?limit=13&fields=*", None, None)?;
            requests.push(worst("13 resources that gzip hardly compresses", "200", page));
            requests
        }
        "list-history" => {
            let id = data.resources(1, &largest, &[]).await?[0];
            data.versions(id, 100, &largest).await?;
            let escaped = data.resources(1, "{}", &[]).await?[0];
            data.versions(escaped, 100, &many_escapes(LARGEST)).await?;
            let page = |id| request("GET", &format!("{}/history?limit=100", path(id)), None, None);
            vec![
                worst("100 versions of 390 KB", "200", page(id)?),
                worst("100 versions of 390 KB, escaped in JSON", "200", page(escaped)?),
            ]
        }
        "search-resources" => {
            let ids = data.resources(50, &largest, &[]).await?;
            data.words(&ids).await?;
            let path = "/api/resources/search?q=word&limit=50&fields=*";
            vec![worst("50 resources of 390 KB", "413", request("GET", path, None, None)?)]
        }
        "batch-get-resources" => {
            let ids = data.resources(100, &largest, &[]).await?;
            let body = |count: usize| json!({ "ids": &ids[..count] }).to_string();
            let path = "/api/resources/batch-get";
            let numbers = format!(r#"{{"ids":[{}0]}}"#, r#"{"":0},"#.repeat(BODY / 7 - 10));
            vec![
                worst("100 resources of 390 KB", "413", request("POST", path, None, Some(&body(100)))?),
                worst("10 resources of 390 KB", "200", request("POST", path, None, Some(&body(10)))?),
                worst("a body of 1 MiB", "400", request("POST", path, None, Some(&numbers))?),
            ]
        }
        "process-changes" | "publish-events" => {
            let ids = data.resources(8, &largest, &[]).await?;
            let small = data.resources(100, &many_objects(15_000), &[]).await?;
            vec![
                worst("one change of 390 KB", "done", records(data, &ids[..1]).await?),
                worst("6 MiB of changes of 390 KB", "done", records(data, &ids).await?),
                worst("100 changes of 6 MiB in total", "done", records(data, &small).await?),
            ]
        }
        function => return changes(function, data, &largest).await,
    })
}

/// The requests for a function that changes resources.
async fn changes(function: &str, data: &Data, largest: &str) -> Result<Vec<Worst>> {
    let small = |bytes| format!(r#"{{"name":"word","attributes":{}}}"#, many_objects(bytes));
    // The rest of the body takes less than 100 bytes.
    let body = small(BODY - 100);
    // Larger than the limit of a body. The function ignores it.
    let unread = small(5 * BODY);
    let collection = "/api/resources";
    Ok(match function {
        "create-resource" => vec![
            worst("a body of 1 MiB", "413", request("POST", collection, None, Some(&body))?),
            worst("a body of 1 MiB, with a key", "413", request("POST", collection, Some("k"), Some(&body))?),
            worst(
                "390 KB, with a key",
                "201",
                request("POST", collection, Some("l"), Some(&small(LARGEST)))?,
            ),
        ],
        "replace-resource" => {
            let path = path(data.resources(1, largest, &[]).await?[0]);
            let other = small(LARGEST - 100);
            vec![
                worst("a body of 1 MiB over 390 KB", "413", request("PUT", &path, None, Some(&body))?),
                worst("the same, with a key", "413", request("PUT", &path, Some("k"), Some(&body))?),
                worst(
                    "390 KB over 390 KB, with a key",
                    "200",
                    request("PUT", &path, Some("l"), Some(&other))?,
                ),
            ]
        }
        "update-resource" => {
            let path = path(data.resources(1, largest, &[]).await?[0]);
            let description = r#"{"description":"d"}"#;
            vec![
                worst("a patch of 1 MiB over 390 KB", "413", request("PATCH", &path, None, Some(&body))?),
                worst("the same, with a key", "413", request("PATCH", &path, Some("k"), Some(&body))?),
                worst(
                    "a description over 390 KB",
                    "200",
                    request("PATCH", &path, Some("l"), Some(description))?,
                ),
            ]
        }
        "delete-resource" => {
            let path = path(data.resources(1, largest, &[]).await?[0]);
            vec![worst(
                "390 KB, with a key and a body of 5 MiB",
                "204",
                request("DELETE", &path, Some("k"), Some(&unread))?,
            )]
        }
        "restore-resource" => {
            let path = format!("{}/restore", path(data.deleted(largest).await?));
            vec![worst(
                "390 KB, with a key and a body of 5 MiB",
                "200",
                request("POST", &path, Some("k"), Some(&unread))?,
            )]
        }
        "batch-write-resources" => batches(data, largest).await?,
        other => bail!("there is no request for {other}: add one in xtask/src/bench/memory/requests.rs"),
    })
}

async fn batches(data: &Data, largest: &str) -> Result<Vec<Worst>> {
    let of = |operations: &[Value]| json!({ "operations": operations }).to_string();
    let create = |bytes: usize| {
        let attributes: Value = serde_json::from_str(&many_objects(bytes)).unwrap_or_default();
        json!({ "op": "create", "body": { "name": "word", "attributes": attributes } })
    };
    let ids = data.resources(100, largest, &[]).await?;
    let patches: Vec<_> =
        ids.iter().map(|id| json!({ "op": "update", "id": id, "body": { "description": "d" } })).collect();
    let deletions: Vec<_> = ids.iter().map(|id| json!({ "op": "delete", "id": id })).collect();
    let large = create(BODY - 200)["body"].clone();
    let large: Vec<_> =
        ids[..3].iter().map(|id| json!({ "op": "update", "id": id, "body": large })).collect();
    let batch =
        |key, operations: &[Value]| request("POST", "/api/resources/batch", key, Some(&of(operations)));
    Ok(vec![
        worst("one creation of 4 MiB", "413", batch(None, &[create(BATCH - 200)])?),
        worst("3 patches of 1 MiB over 390 KB, with a key", "413", batch(Some("k"), &large)?),
        worst("99 creations of 4 MiB in total", "413", batch(None, &vec![create(BATCH / 99 - 100); 99])?),
        worst("9 creations of 390 KB", "200", batch(None, &vec![create(LARGEST); 9])?),
        worst("99 creations, with a key", "200", batch(Some("l"), &vec![create(3_500); 99])?),
        worst("100 patches of 390 KB", "413", batch(None, &patches)?),
        worst("99 patches of 390 KB, with a key", "413", batch(Some("m"), &patches[..99])?),
        worst("100 deletions of 390 KB", "413", batch(None, &deletions)?),
        worst("9 deletions of 390 KB", "200", batch(None, &deletions[..9])?),
    ])
}

/// Attributes with a text of random characters.
fn noise(bytes: usize) -> String {
    let text: String = (0..bytes).map(|_| fastrand::alphanumeric()).collect();
    json!({ "a": text }).to_string()
}

fn path(id: ResourceId) -> String {
    format!("/api/resources/{id}")
}

fn request(method: &str, target: &str, key: Option<&str>, body: Option<&str>) -> Result<String> {
    let token = signed(&Caller::example(Role::Admin), AN_HOUR)?;
    let mut headers = vec![("accept-encoding", "gzip")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    Ok(event::request(&token, method, target, body, &headers))
}

/// Changes of resources as a batch of stream records, up to the largest payload.
async fn records(data: &Data, ids: &[ResourceId]) -> Result<String> {
    let (mut records, mut size) = (Vec::new(), 0);
    for id in ids {
        let record = data.record(*id).await?.to_string();
        size += record.len() + 1;
        if size > PAYLOAD {
            break;
        }
        records.push(record);
    }
    Ok(format!(r#"{{"Records":[{}]}}"#, records.join(",")))
}
