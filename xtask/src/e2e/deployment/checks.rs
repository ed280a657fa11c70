//! The checks of a deployment.

use anyhow::{Context as _, Result, ensure};
use api_docs::{DOCUMENT, PAGE};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::session::{RESOURCES, Response, Session};

/// An id that no resource has.
pub(super) const NOWHERE: &str = "019a1b2c-0000-7000-8000-000000000000";

/// A request's method, path, media type and body; the status and code of the response.
type Refused<'a> = (Method, &'a str, &'a str, &'a [u8], u16, &'a str);

/// Requests that are refused. Nothing is written.
pub(super) async fn problems(session: &Session) -> Result<()> {
    session.stranger(Method::GET, RESOURCES).await?.problem(401, "missing_token")?;
    let nowhere = &*format!("{RESOURCES}/{NOWHERE}");
    let of_no_list = &*format!("{RESOURCES}?cursor=x");
    let out_of_range = &*format!("{RESOURCES}?limit=0");
    let json = "application/json";
    let cases: [Refused<'_>; 10] = [
        (Method::GET, "/api/nothing", json, b"", 404, "not_found"),
        (Method::DELETE, RESOURCES, json, b"", 405, "method_not_allowed"),
        (Method::GET, nowhere, json, b"", 404, "not_found"),
        (Method::GET, out_of_range, json, b"", 400, "invalid_query"),
        (Method::GET, of_no_list, json, b"", 400, "invalid_cursor"),
        (Method::POST, RESOURCES, json, b"{}", 400, "validation_failed"),
        (Method::POST, RESOURCES, json, b"{", 400, "malformed_json"),
        (Method::POST, RESOURCES, json, b"{\"name\":\"a\",\"name\":\"b\"}", 400, "malformed_json"),
        (Method::POST, RESOURCES, "application/octet-stream", b"\xff", 415, "unsupported_media_type"),
        (Method::PATCH, nowhere, "application/merge-patch+json", b"\"\xff\"", 400, "malformed_json"),
    ];
    for (method, path, media_type, body, status, code) in cases {
        let headers = [("content-type", media_type), ("x-request-id", "e2e")];
        let answer = session.send(method, path, &headers, body).await?;
        answer.problem(status, code)?;
        ensure!(answer.header("x-request-id")? == "e2e", "{:?}", answer.headers);
        ensure!(status != 405 || answer.header("allow")?.contains("POST"), "{:?}", answer.headers);
    }
    Ok(())
}

/// Checks that the `OpenAPI` document and its page need no token.
pub(super) async fn description(session: &Session) -> Result<()> {
    let document = session.stranger(Method::GET, DOCUMENT).await?;
    ensure!(
        document.body["paths"][RESOURCES]["get"]["operationId"] == "listResources",
        "GET {DOCUMENT}: {document:?}"
    );
    let page = session.stranger(Method::GET, PAGE).await?;
    ensure!(
        page.status == 200 && page.header("content-type")?.starts_with("text/html"),
        "GET {PAGE}: {page:?}"
    );
    Ok(())
}

/// The checks that create resources, in order: later ones depend on earlier ones.
pub(super) async fn all_that_write(session: &Session, pass: &mut impl FnMut(&str)) -> Result<()> {
    // A word that no other resource has.
    let word = format!("e2e{:016x}", fastrand::u64(..));
    let first = one_resource(session, &word).await.context("one resource")?;
    pass("a resource is created, read, changed and replaced");
    preconditions(session, &first).await.context("preconditions")?;
    pass("preconditions over HTTP");
    keys(session, &word).await.context("idempotency keys")?;
    pass("idempotency keys");
    let ids = batches(session, &word).await.context("batches")?;
    pass("batches, and many resources by their ids");
    lists(session, &first, &ids).await.context("lists")?;
    pass("pages have each resource once, newest first");
    deletion(session, &ids).await.context("deletion")?;
    pass("deleted resources are listed, restored and purged");
    following(session, &first, &word).await.context("search and history")?;
    pass("search and history have the changes");
    Ok(())
}

fn path_of(id: &Value) -> Result<String> {
    Ok(format!("{RESOURCES}/{}", id.as_str().context("no id")?))
}

/// Returns the resource as it was created.
async fn one_resource(session: &Session, word: &str) -> Result<Value> {
    let attributes = json!({ "exact": 0.1, "deep": [{ "": null }] });
    let body = json!({ "name": format!("{word} first"), "attributes": attributes, "related_ids": [NOWHERE] });
    let answer = session.json(Method::POST, RESOURCES, &body).await?;
    let created = answer.data(201)?.clone();
    let path = path_of(&created["id"])?;
    ensure!(answer.header("etag")? == "\"1\"" && answer.header("location")?.ends_with(&path), "{answer:?}");
    ensure!(created["version"] == 1 && created["attributes"] == attributes, "{created}");
    ensure!(session.get(&path).await?.data(200)? == &created, "the resource differs from the one created");
    let expanded = session.get(&format!("{path}?fields=id&expand=related")).await?;
    ensure!(expanded.data(200)?["unresolved_related_ids"] == json!([NOWHERE]), "{}", expanded.body);
    let changes = json!({ "description": "patched", "attributes": { "deep": null } });
    let patched = session.json(Method::PATCH, &path, &changes).await?;
    let data = patched.data(200)?;
    ensure!(data["version"] == 2 && data["attributes"] == json!({ "exact": 0.1 }), "{data}");
    let replaced = session.json(Method::PUT, &path, &json!({ "name": created["name"] })).await?;
    let data = replaced.data(200)?;
    ensure!(data["version"] == 3 && data["description"].is_null(), "{data}");
    Ok(created)
}

/// Expects a resource at version 3.
async fn preconditions(session: &Session, first: &Value) -> Result<()> {
    let path = path_of(&first["id"])?;
    let known = session.send(Method::GET, &path, &[("if-none-match", "\"3\"")], "").await?;
    ensure!(known.status == 304 && known.header("etag")? == "\"3\"", "{known:?}");
    let put = |tag: &'static str| {
        let (path, body) = (path.clone(), json!({ "name": first["name"], "status": "draft" }));
        async move { session.json_with(Method::PUT, &path, &[("if-match", tag)], &body).await }
    };
    let stale = put("\"1\"").await?;
    stale.problem(412, "precondition_failed")?;
    ensure!(stale.header("etag")? == "\"3\"", "{stale:?}");
    ensure!(put("\"3\"").await?.data(200)?["version"] == 4, "the version after a matching If-Match is not 4");
    Ok(())
}

async fn keys(session: &Session, word: &str) -> Result<()> {
    let key = format!("{word}-key");
    let post = |name: &str| {
        let body = json!({ "name": format!("{word} {name}") });
        let headers = [("idempotency-key", key.clone())];
        async move {
            let [(name, value)] = &headers;
            session.json_with(Method::POST, RESOURCES, &[(name, value)], &body).await
        }
    };
    let (first, again, other) = (post("keyed").await?, post("keyed").await?, post("other").await?);
    ensure!(first.data(201)? == again.data(201)?, "a repeated idempotency key created a second resource");
    ensure!(again.header("idempotent-replayed")? == "true", "{again:?}");
    other.problem(422, "idempotency_key_reused")
}

/// Returns the ids of three resources, in the order of their creation.
async fn batches(session: &Session, word: &str) -> Result<Vec<Value>> {
    let path = format!("{RESOURCES}/batch");
    let create = |n: usize| json!({ "op": "create", "body": { "name": format!("{word} batch {n}") } });
    let three = json!({ "operations": [create(0), create(1), create(2)] });
    let created = session.json(Method::POST, &path, &three).await?;
    let ids: Vec<Value> = created
        .data(200)?
        .as_array()
        .context("no list")?
        .iter()
        .map(|resource| resource["id"].clone())
        .collect();
    ensure!(ids.len() == 3, "{}", created.body);
    // All or none.
    let update = |n: usize, version: &str| {
        let body = json!({ "description": "in a batch" });
        json!({ "op": "update", "id": ids[n], "if_match": version, "body": body })
    };
    let operations = json!({ "operations": [update(0, "1"), update(1, "7")] });
    let refused = session.json(Method::POST, &path, &operations).await?;
    refused.problem(412, "precondition_failed")?;
    let operations = json!({ "operations": [update(0, "1"), update(1, "1")] });
    let done = session.json(Method::POST, &path, &operations).await?;
    ensure!(done.data(200)?[0]["version"] == 2, "{}", done.body);
    let asked = json!({ "ids": [ids[2], NOWHERE, ids[0]] });
    let path = format!("{RESOURCES}/batch-get?fields=id,version");
    let many = session.json(Method::POST, &path, &asked).await?;
    let expected = json!([{ "id": ids[2], "version": 1 }, { "id": ids[0], "version": 2 }]);
    ensure!(many.data(200)? == &expected && many.body["missing"] == json!([NOWHERE]), "{}", many.body);
    Ok(ids)
}

/// Lists the caller's resources that were created after the first, two a page.
async fn lists(session: &Session, first: &Value, ids: &[Value]) -> Result<()> {
    let field = |name: &str| {
        first[name].as_str().with_context(|| format!("the resource has no {name}")).map(str::to_owned)
    };
    let (by, after) = (field("created_by")?, field("created_at")?);
    let list = |limit: &str, cursor: Option<&str>| {
        let parameters = [("created_by", by.as_str()), ("created_at[gt]", after.as_str()), ("limit", limit)];
        let parameters = parameters.into_iter().chain(cursor.map(|cursor| ("cursor", cursor)));
        let url = Url::parse_with_params("http://localhost", parameters)?;
        anyhow::Ok(format!("{RESOURCES}?{}", url.query().unwrap_or_default()))
    };
    // Global secondary indexes are eventually consistent.
    let rows = |body: &Value| body["data"].as_array().cloned().unwrap_or_default();
    let all_there = |body: &Value| ids.iter().all(|id| rows(body).iter().any(|row| row["id"] == *id));
    session.until(&list("100", None)?, all_there).await?;
    let (mut seen, mut cursor): (Vec<Value>, Option<String>) = (Vec::new(), None);
    loop {
        let page = session.get(&list("2", cursor.as_deref())?).await?;
        seen.extend(page.data(200)?.as_array().context("no list")?.iter().map(|row| row["id"].clone()));
        cursor = page.body["pagination"]["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    let ours: Vec<&Value> = seen.iter().filter(|id| ids.contains(id)).collect();
    let newest_first: Vec<&Value> = ids.iter().rev().collect();
    ensure!(ours == newest_first, "{ours:?} are not {newest_first:?}");
    Ok(())
}

async fn deletion(session: &Session, ids: &[Value]) -> Result<()> {
    let id = ids.first().context("no id")?;
    let path = path_of(id)?;
    let send = async |method: Method, path: &str| session.send(method, path, &[], "").await;
    let gone = |answer: &Response| ensure_status(answer, 204);
    gone(&send(Method::DELETE, &path).await?)?;
    session.get(&path).await?.problem(404, "not_found")?;
    let deleted = format!("{RESOURCES}?status=deleted&sort=-updated&limit=100");
    let listed =
        |body: &Value| body["data"].as_array().is_some_and(|rows| rows.iter().any(|row| row["id"] == *id));
    session.until(&deleted, listed).await?;
    send(Method::POST, &format!("{path}/restore")).await?.data(200)?;
    session.get(&path).await?.data(200)?;
    gone(&send(Method::DELETE, &format!("{path}?purge=true")).await?)?;
    send(Method::POST, &format!("{path}/restore")).await?.problem(404, "not_found")
}

/// Checks what functions on the stream write: the words of names, and versions.
async fn following(session: &Session, first: &Value, word: &str) -> Result<()> {
    let id = &first["id"];
    let found =
        |body: &Value| body["data"].as_array().is_some_and(|rows| rows.iter().any(|row| row["id"] == *id));
    let took = session.until(&format!("{RESOURCES}/search?q={word}+first"), found).await?;
    let path = format!("{}/history", path_of(id)?);
    let versions = |body: &Value| {
        let entries = body["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter_map(|entry| entry["version"].as_u64()).collect::<Vec<_>>() == [4, 3, 2, 1]
    };
    let more = session.until(&path, versions).await?;
    println!("search found the resource after {took:.1?}, and history had all versions {more:.1?} later");
    Ok(())
}

fn ensure_status(answer: &Response, status: u16) -> Result<()> {
    ensure!(answer.status == status, "status {}, expected {status}: {}", answer.status, answer.body);
    Ok(())
}
