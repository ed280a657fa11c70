//! The operations whose costs are counted, each on resources of about 1 KB.

use std::time::Duration;

use anyhow::{Error, Result};
use resource_api::domain::{Caller, Role};
use serde_json::{Value, json};

use crate::bench::data::Data;
use crate::bench::event;
use crate::token::signed;

/// The length of the text in the `attributes` of each resource.
const TEXT: usize = 500;
/// The names of the operations in the example month.
pub(super) const READ: &str = "read one";
pub(super) const LIST: &str = "list 20";
pub(super) const SEARCH: &str = "search, 10 results";
pub(super) const CREATE: &str = "create one";
pub(super) const PATCH: &str = "change a field of one";
pub(super) const DELETE: &str = "delete one";
pub(super) const EXPAND: &str = "read one with 10 related (`expand`)";
/// The number of resources in the list.
const ROWS: usize = 100;
/// The number of resources in a batch, a search result or a page of history.
const SEVERAL: usize = 10;
/// The name of each resource.
const NAME: &str = "word";
/// The lifetime of the tokens.
const AN_HOUR: Duration = Duration::from_hours(1);

/// A request, or a batch of changes for `process-changes`.
pub(super) struct Operation {
    pub(super) function: &'static str,
    pub(super) name: &'static str,
    pub(super) status: &'static str,
    /// A similar request that is sent first, and the request that is counted.
    pub(super) events: [String; 2],
    /// Whether it takes one token of the rate limit. No function instance holds a block that is large enough
    /// for more.
    pub(super) takes_one_token: bool,
    /// The number and the kind of the changes that `process-changes` then processes.
    pub(super) changes: Option<(u32, Change)>,
}

/// The kind of a change to a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It was created or deleted: its words are written or deleted, and a version is stored.
    Presence,
    /// Fields that are not searched were changed: a version is stored.
    Content,
}

/// The requests to the HTTP API.
pub(super) async fn requests(data: &Data) -> Result<Vec<Operation>> {
    let mut random = fastrand::Rng::with_seed(0);
    let attributes = attributes(&mut random);
    let text = attributes.to_string();
    let mut ids = Vec::new();
    for _ in 0..ROWS {
        ids.extend(data.resources(1, &self::attributes(&mut random).to_string(), &[]).await?);
    }
    data.words(&ids).await?;
    let related = data.resources(2, &text, &ids[..SEVERAL]).await?;
    let changed = data.resources(6, &text, &[]).await?;
    data.versions(ids[0], SEVERAL as u64, &text).await?;
    let deleted = [data.deleted(&text).await?, data.deleted(&text).await?];

    let body = json!({ "name": NAME, "description": "d", "attributes": attributes });
    let patch = json!({ "description": "d" });
    let create = json!({ "op": "create", "body": body });
    let batch = json!({ "operations": vec![create; SEVERAL] });
    let some = json!({ "ids": &ids[..SEVERAL] });
    let collection = "/api/resources";
    let of = |id: &_, rest: &str| format!("{collection}/{id}{rest}");
    let read = |function, name, path: String, body: Option<&Value>| {
        let method = if body.is_some() { "POST" } else { "GET" };
        operation(function, name, "200", method, [&path, &path], body)
    };
    let search = format!("{collection}/search?q={NAME}&limit={SEVERAL}");
    let history = of(&ids[0], &format!("/history?limit={SEVERAL}"));
    Ok(vec![
        read("get-resource", READ, of(&ids[0], ""), None)?,
        read("get-resource", EXPAND, of(&related[0], "?expand=related"), None)?,
        read("list-resources", LIST, format!("{collection}?status=active"), None)?,
        read("list-resources", "list 100 with all fields", format!("{collection}?limit=100&fields=*"), None)?,
        read("list-related", "list 10 related ones", of(&related[0], "/related"), None)?,
        read("batch-get-resources", "read 10 by id", format!("{collection}/batch-get"), Some(&some))?,
        read("search-resources", SEARCH, search, None)?,
        read("list-history", "10 versions of one", history, None)?,
        operation("create-resource", CREATE, "201", "POST", [collection; 2], Some(&body))?
            .followed_by(1, Change::Presence),
        operation(
            "replace-resource",
            "replace one",
            "200",
            "PUT",
            [&of(&changed[0], ""), &of(&changed[1], "")],
            Some(&body),
        )?
        .followed_by(1, Change::Content),
        operation(
            "update-resource",
            PATCH,
            "200",
            "PATCH",
            [&of(&changed[2], ""), &of(&changed[3], "")],
            Some(&patch),
        )?
        .followed_by(1, Change::Content),
        operation(
            "delete-resource",
            DELETE,
            "204",
            "DELETE",
            [&of(&changed[4], ""), &of(&changed[5], "")],
            None,
        )?
        .followed_by(1, Change::Presence),
        operation(
            "restore-resource",
            "restore one",
            "200",
            "POST",
            [&of(&deleted[0], "/restore"), &of(&deleted[1], "/restore")],
            None,
        )?
        .followed_by(1, Change::Presence),
        read("batch-write-resources", "create 10 in a batch", format!("{collection}/batch"), Some(&batch))?
            .followed_by(10, Change::Presence),
    ])
}

/// Free-form attributes with a text that gzip compresses to about half its length.
fn attributes(random: &mut fastrand::Rng) -> Value {
    let words: Vec<_> = (0..TEXT / 5).map(|_| format!("{:04x}", random.u16(..))).collect();
    json!({ "text": words.join(" "), "list": [1, 2, 3] })
}

/// One change for `process-changes`.
pub(super) async fn change(data: &Data, change: Change) -> Result<Operation> {
    let mut events = Vec::new();
    let attributes = attributes(&mut fastrand::Rng::with_seed(0)).to_string();
    for id in data.resources(2, &attributes, &[]).await? {
        let mut record = data.record(id).await?;
        if change == Change::Presence
            && let Some(images) = record["dynamodb"].as_object_mut()
        {
            images.remove("OldImage");
            record["eventName"] = "INSERT".into();
        }
        events.push(json!({ "Records": [record] }).to_string());
    }
    let [first, second] = [events.swap_remove(0), events.swap_remove(0)];
    Ok(Operation {
        function: "process-changes",
        name: match change {
            Change::Presence => "afterwards, for each created, restored or deleted",
            Change::Content => "afterwards, for each changed",
        },
        status: "done",
        events: [first, second],
        takes_one_token: false,
        changes: None,
    })
}

impl Operation {
    fn followed_by(self, count: u32, change: Change) -> Self {
        Self { changes: Some((count, change)), ..self }
    }
}

fn operation(
    function: &'static str,
    name: &'static str,
    status: &'static str,
    method: &str,
    targets: [&str; 2],
    body: Option<&Value>,
) -> Result<Operation> {
    let body = body.map(Value::to_string);
    let event = |number: usize, target: &str| {
        // Each request has its own caller, and so its own token bucket.
        let subject = format!("{name} {number}");
        let token = signed(&Caller { subject, ..Caller::example(Role::Admin) }, AN_HOUR)?;
        Ok::<_, Error>(event::request(
            &token,
            method,
            target,
            body.as_deref(),
            &[("accept-encoding", "gzip")],
        ))
    };
    let events = [event(0, targets[0])?, event(1, targets[1])?];
    let takes_one_token = function != "batch-write-resources";
    Ok(Operation { function, name, status, events, takes_one_token, changes: None })
}
