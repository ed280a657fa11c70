//! Exports records of a running API and imports them into another tenant: by the commands of docs/data.md, and through
//! pipes.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use reqwest::Client;
use resource_api::domain::{Caller, Role, Tenant};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

use super::dev::{Dev, this_program};
use super::documentation::{Documentation, expect, script};
use crate::local::workspace;
use crate::token;

const PAGE: &str = "docs/data.md";
const OTHER: &str = "other";

/// An export, an import, and the correction of refused lines, in a folder. `dev` serves the example shop.
pub(super) async fn follow_the_page(
    documentation: &mut Documentation,
    dev: &Dev,
    folder: &Path,
) -> Result<()> {
    // Within the workspace, where `cargo xtask` is known.
    let folder = workspace().join(folder);
    let run = async |commands: &str| script(dev, commands).current_dir(&folder).output().await;
    let good = run("cargo xtask export orders >orders.ndjson; head -n 1 orders.ndjson").await?;
    expect(&good, &["\"number\":"])?;
    let mut order: Value = serde_json::from_slice(&good.stdout)?;
    let members = order.as_object_mut().context("an order is an object")?;
    members.remove("id");
    members.insert("number".to_owned(), "E2E-1".into());
    let good = order.to_string();
    order["total"] = "much".into();
    fs::write(folder.join("refused.json"), format!("{order}\n"))?;
    expect(&run("cat orders.ndjson refused.json | gzip >orders.ndjson.gz").await?, &[])?;

    // A line is refused, so the import fails.
    let imported = run(&documentation.take(PAGE, "# Data in and out")?).await?;
    ensure!(imported.status.code() == Some(1), "{imported:?}");
    let commands = documentation.take(PAGE, "### Faults")?;
    let (before, last) = commands.rsplit_once('\n').context("there is one command only")?;
    expect(&run(before).await?, &["/total wrong_type"])?;
    fs::write(folder.join("mended.ndjson"), good)?;
    expect(&run(last).await?, &["1 stored now"])
}

/// Exports customers and orders, imports them into another tenant, and compares both exports.
pub(super) async fn there_and_back(dev: &Dev) -> Result<()> {
    let port = dev.ports[1].to_string();
    for kind in ["customers", "orders"] {
        let exported = run(&["export", kind, "--dynamodb-port", &port], None).await?;
        let text = String::from_utf8(exported.stdout)?;
        ensure!(exported.status.success() && text.lines().count() > 1, "{text}");
        let import = ["import", kind, "-", "--tenant", OTHER, "--dynamodb-port", &port];
        for _ in 0..2 {
            let imported = run(&import, Some(&text)).await?;
            ensure!(imported.status.success(), "{imported:?}");
        }
        let again = run(&["export", kind, "--tenant", OTHER, "--dynamodb-port", &port], None).await?;
        ensure!(again.stdout == text.as_bytes(), "the exports of {kind} differ");
        let faulty = run(&import, Some("{\"id\": \"1\"}\n")).await?;
        let said = String::from_utf8(faulty.stderr)?;
        ensure!(!faulty.status.success() && said.contains("-:1: /id: invalid_id: "), "{said}");
        let first: Value = serde_json::from_str(text.lines().next().context("no line")?)?;
        let url = format!("{}/api/{kind}/{}", dev.url(), first["id"].as_str().context("no id")?);
        let admin =
            Caller { tenant: Tenant::parse(OTHER).context("no tenant")?, ..Caller::example(Role::Admin) };
        let token = token::signed(&admin, std::time::Duration::from_mins(1))?;
        let read: Value = Client::new().get(url).bearer_auth(token).send().await?.json().await?;
        ensure!(read["data"] == first, "{read}");
    }
    Ok(())
}

/// Runs a command with a text on its standard input.
async fn run(arguments: &[&str], input: Option<&str>) -> Result<Output> {
    let [command, arguments @ ..] = arguments else { anyhow::bail!("no command") };
    let mut program = this_program(command);
    program.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn()?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    stdin.write_all(input.unwrap_or_default().as_bytes()).await?;
    drop(stdin);
    Ok(child.wait_with_output().await?)
}
