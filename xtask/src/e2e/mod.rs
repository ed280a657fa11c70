//! `cargo xtask e2e`: tests `dev` from outside. Starts it twice on free ports, runs the commands of the
//! documentation, and checks that no process is left. With `--url`, runs the checks that every deployment
//! must pass.

mod api_keys;
mod data;
mod deployment;
mod dev;
mod documentation;
mod following;
mod issuers;
mod kinds;
mod shop;
mod walk;

use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, StatusCode};
use resource_api::domain::{Caller, Role};

pub(crate) use self::deployment::Options;
use self::dev::port_taken;
pub(crate) use self::dev::{Dev, this_program};
use self::documentation::Documentation;
use self::walk::{walk, walk_while_others_create};
use crate::local::target;
use crate::token;

const SEEDED: usize = 5000;

/// Runs all checks, and prints those that pass.
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
    let mut documentation = Documentation::read()?;
    let file = folder.join("dynamodb.sqlite");
    let mut dev = Dev::start(&file, &["--example", "shop"]).await?;
    pass("dev responds");
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
    documentation.run(&dev, ("docs/semantics.md", "## Examples"), 1, &wanted).await?;
    pass("the examples of docs/semantics.md");
    // The examples have purged the resource that the next pages name. These commands write it again.
    documentation.run(&dev, ("README.md", "## A first minute"), 0, &[]).await?;
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
    documentation.run(&dev, ("README.md", "## A first minute"), 3, &wanted).await?;
    pass("the README's first minute");
    let admin = token::signed(&Caller::example(Role::Admin), Duration::from_hours(1))?;
    deployment::run(&dev.url(), &admin, pass).await?;
    forbidden(&dev.url()).await?;
    pass("a user may not delete");
    api_keys::from_creation_to_end(&dev).await?;
    documentation.run(&dev, ("docs/auth.md", "## API keys"), 0, &["\"data\":[]", "nightly export"]).await?;
    pass("an API key is created, used, listed and revoked");
    seed(&dev, SEEDED).await?;
    for limit in [100, 7] {
        walk_while_others_create(&dev.url(), limit).await?;
    }
    let wanted =
        ["\"created_by\":\"seed\"", "\"unresolved_related_ids\":[", "rel=\"next\"", "\"missing\":[]"];
    documentation.run(&dev, ("docs/api.md", "## Lists"), 0, &wanted).await?;
    pass("the lists of docs/api.md");
    following::a_new_name_is_found(&dev.url()).await?;
    pass("a new name is found within 2 seconds");
    let wanted = ["\"name\":\"Sécurité à São Paulo\"", "\"exhaustive\":true", "\"action\":\"restored\""];
    documentation.run(&dev, ("docs/search.md", "# Search and history"), 0, &wanted).await?;
    pass("the examples of docs/search.md");
    shop::orders_of_a_customer(&dev).await?;
    pass("the example shop accepts an order, and more are seeded");
    data::follow_the_page(&mut documentation, &dev, &folder).await?;
    pass("the commands of docs/data.md");
    data::there_and_back(&dev).await?;
    pass("records are the same after an export and an import");
    following::reindex(&dev).await?;
    pass("reindex rebuilds search while the API runs");
    pass("pages have each resource once, newest first, while others are created");
    port_taken(&dev).await?;
    pass("the message for a port in use names the port");
    dev.interrupt().await?;
    pass("an interrupt leaves no process");

    let mut dev = Dev::start(&file, &[]).await?;
    let rows = walk(&dev.url(), 100, async || Ok(())).await?.len();
    ensure!(rows > SEEDED, "only {rows} resources are left after a second start");
    pass("the data is there after a second start");
    following::a_new_name_is_found(&dev.url()).await?;
    pass("a new name is found after a second start");
    dev.interrupt().await?;
    pass("a second interrupt leaves no process");
    issuers::follow_the_page(&mut documentation, &folder).await?;
    pass("the settings for issuers of docs/auth.md");
    kinds::follow_the_page(&mut documentation, &folder, pass).await?;
    documentation.finish()
}

async fn forbidden(url: &str) -> Result<()> {
    let user = token::signed(&Caller::example(Role::User), Duration::from_mins(1))?;
    let answer = Client::new().delete(format!("{url}/api/resources/x")).bearer_auth(user).send().await?;
    ensure!(answer.status() == StatusCode::FORBIDDEN, "status {}, expected 403", answer.status());
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
