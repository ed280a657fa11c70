//! `cargo xtask e2e`: tests `dev` from outside. Starts it twice on ports of its own, runs the commands of the documentation, and checks that
//! no process is left. With `--url`, the part of it that any deployment must pass.

mod api_keys;
mod data;
mod deployment;
mod dev;
mod following;
mod kinds;
mod shop;
mod walk;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, StatusCode};
use resource_api::domain::{Caller, Role};

pub(crate) use self::deployment::Options;
use self::dev::port_taken;
pub(crate) use self::dev::{Dev, this_program};
use self::walk::{walk, walk_while_others_create};
use crate::local::{in_workspace, target, workspace};
use crate::token;

const SEEDED: usize = 5000;

/// Runs everything, and says what it does.
pub(crate) async fn run(options: &Options) -> Result<()> {
    let mut passed = 0;
    let mut pass = |what: &str| {
        passed += 1;
        println!("ok: {what}");
    };
    match options.deployment() {
        Some((url, token)) => deployment::run(url, token, &mut pass).await?,
        None => dev_from_outside(&mut pass).await?,
    }
    println!("{passed} passed, 0 failed");
    Ok(())
}

async fn dev_from_outside(pass: &mut impl FnMut(&str)) -> Result<()> {
    let folder = target().join("e2e");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let data = folder.join("dynamodb.sqlite");
    let mut dev = Dev::start(&data, &["--example", "shop"]).await?;
    pass("dev answers");
    seed(&dev, 100).await?;
    let wanted = [
        "\"status\":\"draft\"",
        "HTTP/1.1 412 Precondition Failed",
        "idempotent-replayed: true",
        "\"status\":\"archived\"",
        "\"status\":\"deleted\"",
        "\"version\":5",
        "HTTP/1.1 204 No Content",
    ];
    run_commands(&dev.url(), &commands("docs/semantics.md", "## Examples", 0)?, &wanted).await?;
    pass("the examples of docs/semantics.md");
    // They purge the resource that the pages name.
    seed(&dev, 1).await?;
    let wanted = [
        "\"name\":\"Field notes\"",
        "\"next_cursor\":\"",
        "\"version\":2",
        "\"version\":3",
        "HTTP/1.1 412 Precondition Failed",
        "HTTP/1.1 204 No Content",
        "\"code\":\"not_found\"",
        "\"pointer\":\"/name\"",
    ];
    run_commands(&dev.url(), &commands("README.md", "## A first minute", 1)?, &wanted).await?;
    pass("the README's first minute");
    let admin = token::signed(&Caller::example(Role::Admin), Duration::from_hours(1))?;
    deployment::run(&dev.url(), &admin, pass).await?;
    forbidden(&dev.url()).await?;
    pass("a user may not delete");
    api_keys::from_creation_to_end(&dev).await?;
    pass("an API key is created, used, listed and revoked");
    seed(&dev, SEEDED).await?;
    for limit in [100, 7] {
        walk_while_others_create(&dev.url(), limit).await?;
    }
    let wanted =
        ["\"created_by\":\"seed\"", "\"unresolved_related_ids\":[", "rel=\"next\"", "\"missing\":[]"];
    run_commands(&dev.url(), &commands("docs/api.md", "## Lists", 0)?, &wanted).await?;
    pass("the lists of docs/api.md");
    following::a_new_name_is_found(&dev.url()).await?;
    pass("a new name is found within 2 seconds");
    let wanted = ["\"name\":\"Sécurité à São Paulo\"", "\"exhaustive\":true", "\"action\":\"restored\""];
    run_commands(&dev.url(), &commands("docs/search.md", "# Search and history", 0)?, &wanted).await?;
    pass("the examples of docs/search.md");
    shop::orders_of_a_customer(&dev).await?;
    pass("the example shop takes an order, and seeds more");
    data::there_and_back(&dev).await?;
    pass("what is exported is imported again, and is the same");
    following::reindex(&dev).await?;
    pass("search is made anew beside a running API");
    pass("pages give each resource once, newest first, while others are created");
    port_taken(&dev).await?;
    pass("a taken port is named");
    dev.interrupt().await?;
    pass("an interrupt leaves no process");

    let mut dev = Dev::start(&data, &[]).await?;
    let rows = walk(&dev.url(), 100, async || Ok(())).await?.len();
    ensure!(rows > SEEDED, "only {rows} resources are left after a second start");
    pass("the data is there after a second start");
    following::a_new_name_is_found(&dev.url()).await?;
    pass("a new name is found after a second start");
    dev.interrupt().await?;
    pass("a second interrupt leaves no process");
    kinds::follow_the_page(&folder, pass).await
}

/// The commands that a page shows under a title: the block of this number.
fn commands(page: &str, title: &str, block: usize) -> Result<String> {
    let text = std::fs::read_to_string(workspace().join(page))?;
    let section = text.split(title).nth(1).with_context(|| format!("{page} has no {title}"))?;
    let commands = section.split("```sh\n").nth(1 + block).and_then(|block| block.split("```").next());
    Ok(commands.with_context(|| format!("{page} has no commands under {title}"))?.to_owned())
}

/// Runs commands that a page shows for the API on its usual port, and looks for some parts in what they print.
async fn run_commands(url: &str, commands: &str, wanted: &[&str]) -> Result<()> {
    ensure!(commands.contains("http://localhost:9000"), "the commands name no URL");
    let script = format!("set -euo pipefail\n{commands}").replace("http://localhost:9000", url);
    let output = in_workspace("bash").args(["-c", &script]).output().await?;
    let answers = String::from_utf8(output.stdout)?;
    let missing: Vec<_> = wanted.iter().filter(|part| !answers.contains(**part)).collect();
    ensure!(output.status.success() && missing.is_empty(), "without {missing:?}: {answers}");
    Ok(())
}

async fn forbidden(url: &str) -> Result<()> {
    let user = token::signed(&Caller::example(Role::User), Duration::from_mins(1))?;
    let answer = Client::new().delete(format!("{url}/api/resources/x")).bearer_auth(user).send().await?;
    ensure!(answer.status() == StatusCode::FORBIDDEN, "{} where 403 was expected", answer.status());
    Ok(())
}

async fn seed(dev: &Dev, count: usize) -> Result<()> {
    let arguments = ["--count", &count.to_string(), "--dynamodb-port", &dev.ports[1].to_string()];
    let status = this_program("seed").args(arguments).status().await?;
    ensure!(status.success(), "seed ended with {status}");
    Ok(())
}

/// A client with an admin's token.
fn client() -> Result<Client> {
    let token = token::signed(&Caller::example(Role::Admin), Duration::from_hours(1))?;
    let headers = [(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}"))?)].into_iter().collect();
    Ok(Client::builder().default_headers(headers).build()?)
}
