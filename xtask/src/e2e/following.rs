//! Checks that search has a change in time, and that an interrupted `reindex` resumes.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::client;
use super::dev::{Dev, this_program};
use crate::local::target;

/// How long search may take to find a new name.
const FOUND_WITHIN: Duration = Duration::from_secs(2);

/// Renames a resource, and waits for search to find it by its new name, and no longer by its old one.
pub(super) async fn a_new_name_is_found(url: &str) -> Result<()> {
    let client = client()?;
    let resources = format!("{url}/api/resources");
    let created = client.post(&resources).json(&json!({ "name": "Unrenamed" })).send().await?;
    let created: Value = created.error_for_status()?.json().await?;
    let id = created["data"]["id"].as_str().context("no id")?;
    let name = format!("Renamed {id}");
    // The first request to a function builds and starts it.
    client.get(format!("{resources}/search?q=nothing")).send().await?.error_for_status()?;
    let patch = client.patch(format!("{resources}/{id}")).json(&json!({ "name": name }));
    patch.send().await?.error_for_status()?;
    let renamed = Instant::now();
    loop {
        let found = client.get(format!("{resources}/search?q=renamed+{id}")).send().await?;
        let found: Value = found.error_for_status()?.json().await?;
        let took = renamed.elapsed();
        if found["data"][0]["id"] == id {
            ensure!(took <= FOUND_WITHIN, "search took {took:?} to find the new name");
            println!("search found the new name {took:.1?} after the response to the change");
            break;
        }
        ensure!(took <= FOUND_WITHIN, "search did not find the new name within {FOUND_WITHIN:?}");
        sleep(Duration::from_millis(20)).await;
    }
    let old = client.get(format!("{resources}/search?q=unrenamed")).send().await?;
    let old: Value = old.error_for_status()?.json().await?;
    let ids = old["data"].as_array().context("no rows")?.iter().filter_map(|row| row["id"].as_str());
    ensure!(!ids.into_iter().any(|found| found == id), "search found the resource by its old name");
    Ok(())
}

/// Kills a `reindex`, and checks that the next one resumes it.
pub(super) async fn reindex(dev: &Dev) -> Result<()> {
    let reindex = |rate: &str| {
        let mut command = this_program("reindex");
        command.args(["--dynamodb-port", &dev.ports[1].to_string(), "--rate", rate]);
        command
    };
    let position = target().join("reindex.json");
    let _ = std::fs::remove_file(&position);
    let mut slow = reindex("200").arg("--from-start").spawn()?;
    // After the first page of a stage that has several pages.
    let is_begun = || std::fs::read_to_string(&position).is_ok_and(|text| text.contains("\"done\":100"));
    while !is_begun() {
        ensure!(slow.try_wait()?.is_none(), "reindex ended before it was killed");
        sleep(Duration::from_millis(50)).await;
    }
    slow.kill().await?;
    let output = reindex("100000").output().await?;
    let said = String::from_utf8(output.stdout)?;
    let why = String::from_utf8_lossy(&output.stderr);
    let well = said.contains("Resuming after 100 ")
        && said.contains("Indexes, unique values and search are complete");
    ensure!(output.status.success() && well, "{said}{why}");
    ensure!(!position.exists(), "{} was not removed", position.display());
    Ok(())
}
