//! Reads all pages of a list.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{SEEDED, client};

/// Reads the pages while resources are created. Checks that each older resource is listed once, newest first.
pub(super) async fn walk_while_others_create(url: &str, limit: usize) -> Result<()> {
    let before = walk(url, 100, async || Ok(())).await?;
    ensure!(before.len() >= SEEDED, "{} resources after seeding {SEEDED}", before.len());
    let client = client()?;
    let create = async || {
        client.post(format!("{url}/api/resources")).json(&json!({ "name": "late" })).send().await?;
        Ok(())
    };
    let during = walk(url, limit, create).await?;
    ensure!(during.is_sorted_by(|one, next| one > next), "not newest first with limit {limit}");
    ensure!(during == before, "pages with limit {limit} do not have each resource once");
    Ok(())
}

/// The ids of all pages. `between` runs before each further page.
pub(super) async fn walk(
    url: &str,
    limit: usize,
    between: impl AsyncFn() -> Result<()>,
) -> Result<Vec<String>> {
    let client = client()?;
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(format!("{url}/api/resources?limit={limit}{cursor}")).send().await?;
        let page: Value = page.error_for_status()?.json().await?;
        let rows = page["data"].as_array().context("no rows")?;
        ids.extend(rows.iter().filter_map(|row| row["id"].as_str()).map(str::to_owned));
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(ids),
        }
        between().await?;
    }
}
