//! `cargo xtask e2e`: `dev` from outside. Starts it twice on ports of its own, asks over HTTP what the README says
//! one can ask, and checks that nothing is left behind.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use nix::sys::signal::Signal;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, StatusCode};
use resource_api::domain::Role;
use resource_api::testing::caller;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::local::{in_workspace, target, workspace};
use crate::{processes, token};

/// How long `dev` may take to build and answer.
const START_TIMEOUT: Duration = Duration::from_mins(20);
const END_TIMEOUT: Duration = Duration::from_secs(20);
const SEEDED: usize = 5000;
const FIRST_MINUTE: &str = "## A first minute";

/// A running `dev`.
struct Dev {
    process: Child,
    ports: [u16; 2],
}

/// Runs everything, and says what it does.
pub(crate) async fn run() -> Result<()> {
    let folder = target().join("e2e");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let data = folder.join("dynamodb.sqlite");
    let mut passed = 0;
    let mut pass = |what: &str| {
        passed += 1;
        println!("ok: {what}");
    };

    let mut dev = Dev::start(&data).await?;
    pass("dev answers");
    let wanted = [
        "\"name\":\"Field notes\"",
        "\"next_cursor\":null",
        "\"version\":2",
        "\"version\":3",
        "HTTP/1.1 412 Precondition Failed",
        "HTTP/1.1 204 No Content",
        "\"code\":\"not_found\"",
        "\"pointer\":\"/name\"",
    ];
    readme(&dev.url(), FIRST_MINUTE, &wanted).await?;
    pass("the README's first minute");
    let wanted = [
        "\"status\":\"draft\"",
        "idempotent-replayed: true",
        "\"status\":\"archived\"",
        "\"status\":\"deleted\"",
        "\"version\":5",
        "HTTP/1.1 204 No Content",
    ];
    readme(&dev.url(), "### Safe writes", &wanted).await?;
    pass("the README's safe writes");
    problems(&dev.url()).await?;
    pass("problems over HTTP");
    conditional_requests(&dev.url()).await?;
    pass("conditional requests over HTTP");
    seed(&dev).await?;
    for limit in [100, 7] {
        walk_while_others_create(&dev.url(), limit).await?;
    }
    let wanted =
        ["\"created_by\":\"seed\"", "\"unresolved_related_ids\":[", "\"priority\":", "\"missing\":[]"];
    readme(&dev.url(), "### Lists", &wanted).await?;
    pass("the README's lists");
    pass("pages give each resource once, newest first, while others are created");
    port_taken(&dev).await?;
    pass("a taken port is named");
    dev.interrupt().await?;
    pass("an interrupt leaves no process");

    let mut dev = Dev::start(&data).await?;
    let rows = walk(&dev.url(), 100, async || Ok(())).await?.len();
    ensure!(rows > SEEDED, "only {rows} resources are left after a second start");
    pass("the data is there after a second start");
    dev.interrupt().await?;
    pass("a second interrupt leaves no process");
    println!("{passed} passed, 0 failed");
    Ok(())
}

impl Dev {
    /// Starts it, with what it prints in a file beside the data.
    async fn start(data: &Path) -> Result<Self> {
        let ports = [free_port()?, free_port()?];
        let log = data.with_file_name(format!("dev-{}.log", ports[0]));
        println!("dev prints to {}", log.display());
        let process = this_program("dev")
            .args(["--port", &ports[0].to_string(), "--dynamodb-port", &ports[1].to_string(), "--data-file"])
            .arg(data)
            // What is walked here is walked faster than a caller may.
            .envs([("RATE_LIMIT_READ", "off"), ("RATE_LIMIT_WRITE", "off")])
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()?;
        let mut dev = Self { process, ports };
        let answers = format!("Resource API answers at {}\n", dev.url());
        let deadline = Instant::now() + START_TIMEOUT;
        while !std::fs::read_to_string(&log)?.contains(&answers) {
            let ended = dev.process.try_wait()?;
            ensure!(ended.is_none(), "dev ended before it answered: {}", std::fs::read_to_string(&log)?);
            ensure!(Instant::now() < deadline, "dev did not answer in time");
            sleep(Duration::from_millis(100)).await;
        }
        Ok(dev)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// Interrupts it, and checks that it ended well with all that it started.
    async fn interrupt(&mut self) -> Result<()> {
        let id = self.process.id().context("dev has ended already")?;
        let below = processes::descendants(id).await?;
        ensure!(below.len() > 1, "dev has started no functions");
        processes::signal(i32::try_from(id)?, Signal::SIGINT);
        let status = timeout(END_TIMEOUT, self.process.wait()).await.context("dev did not end in time")??;
        ensure!(status.success(), "dev ended with {status}");
        let left: Vec<_> = below.into_iter().filter(|pid| processes::is_running(*pid)).collect();
        ensure!(left.is_empty(), "dev left processes behind: {left:?}");
        Ok(())
    }
}

impl Drop for Dev {
    /// Where a check failed, it ends with all that it started.
    fn drop(&mut self) {
        if let Some(id) = self.process.id().and_then(|id| i32::try_from(id).ok()) {
            processes::signal(id, Signal::SIGINT);
        }
    }
}

/// The first commands that the README shows under a title.
fn commands(title: &str) -> Result<String> {
    let text = std::fs::read_to_string(workspace().join("README.md"))?;
    let section = text.split(title).nth(1).with_context(|| format!("the README has no {title}"))?;
    let commands = section.split("```sh\n").nth(1).and_then(|block| block.split("```").next());
    Ok(commands.with_context(|| format!("the README has no commands under {title}"))?.to_owned())
}

/// Runs the commands that the README shows under a title, after those that say where the API is.
async fn readme(url: &str, title: &str, wanted: &[&str]) -> Result<()> {
    let first_minute = commands(FIRST_MINUTE)?;
    let (variables, _) = first_minute.split_once("\n\n").context("the README's commands name no URL")?;
    ensure!(variables.contains("http://localhost:9000"), "the README's commands name no URL");
    let script = format!("set -euo pipefail\n{variables}\n{}", commands(title)?);
    let script = script.replace("http://localhost:9000", url);
    let output = in_workspace("bash").args(["-c", &script]).output().await?;
    let answers = String::from_utf8(output.stdout)?;
    let missing: Vec<_> = wanted.iter().filter(|part| !answers.contains(**part)).collect();
    ensure!(output.status.success() && missing.is_empty(), "without {missing:?}: {answers}");
    Ok(())
}

async fn problems(url: &str) -> Result<()> {
    let client = client()?;
    let created = format!("{url}/api/resources");
    let latin = client.post(&created).header("content-type", "application/octet-stream").body(vec![0xff]);
    let bytes = client.patch(format!("{created}/019a1b2c-0000-7000-8000-000000000000"));
    let bytes = bytes.header("content-type", "application/merge-patch+json").body(vec![b'"', 0xff, b'"']);
    let stranger = Client::new().get(&created);
    let deleter = Client::new().delete(format!("{created}/x"));
    let user = token::signed(&caller(Role::User), Duration::from_mins(1))?;
    let cases = [
        (stranger, StatusCode::UNAUTHORIZED, "missing_token"),
        (deleter.bearer_auth(user), StatusCode::FORBIDDEN, "forbidden"),
        (client.get(format!("{created}/x")), StatusCode::NOT_FOUND, "not_found"),
        (client.get(format!("{created}?limit=0")), StatusCode::BAD_REQUEST, "invalid_query"),
        (client.post(&created).json(&json!({})), StatusCode::BAD_REQUEST, "validation_failed"),
        (latin, StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        (bytes, StatusCode::BAD_REQUEST, "malformed_json"),
    ];
    for (request, status, code) in cases {
        let answer = request.header("x-request-id", "e2e").send().await?;
        ensure!(answer.status() == status, "{} where {status} was expected", answer.status());
        ensure!(answer.headers()["content-type"] == "application/problem+json", "{:?}", answer.headers());
        ensure!(answer.headers()["x-request-id"] == "e2e", "{:?}", answer.headers());
        let problem: Value = answer.json().await?;
        ensure!(problem["code"] == code && problem["request_id"] == "e2e", "{problem}");
    }
    Ok(())
}

async fn conditional_requests(url: &str) -> Result<()> {
    let client = client()?;
    let created = client.post(format!("{url}/api/resources")).json(&json!({ "name": "e2e" })).send().await?;
    let location = created.headers()["location"].to_str()?.to_owned();
    let resource = format!("{url}{location}");
    let known = client.get(&resource).header("if-none-match", "\"1\"").send().await?;
    ensure!(known.status() == StatusCode::NOT_MODIFIED, "{}", known.status());
    let stale =
        client.put(&resource).header("if-match", "\"9\"").json(&json!({ "name": "n" })).send().await?;
    ensure!(stale.status() == StatusCode::PRECONDITION_FAILED && stale.headers()["etag"] == "\"1\"");
    let deleted = client.delete(&resource).header("if-match", "\"1\"").send().await?;
    ensure!(deleted.status() == StatusCode::NO_CONTENT, "{}", deleted.status());
    Ok(())
}

async fn seed(dev: &Dev) -> Result<()> {
    let arguments = ["--count", &SEEDED.to_string(), "--dynamodb-port", &dev.ports[1].to_string()];
    let status = this_program("seed").args(arguments).status().await?;
    ensure!(status.success(), "seed ended with {status}");
    Ok(())
}

async fn walk_while_others_create(url: &str, limit: usize) -> Result<()> {
    let before = walk(url, 100, async || Ok(())).await?;
    ensure!(before.len() >= SEEDED, "{} resources after seeding {SEEDED}", before.len());
    let client = client()?;
    let create = async || {
        client.post(format!("{url}/api/resources")).json(&json!({ "name": "late" })).send().await?;
        Ok(())
    };
    let during = walk(url, limit, create).await?;
    ensure!(during.is_sorted_by(|one, next| one > next), "not newest first with limit {limit}");
    ensure!(during == before, "a walk with limit {limit} does not give each resource once");
    Ok(())
}

/// The ids of every page, with something done between them.
async fn walk(url: &str, limit: usize, between: impl AsyncFn() -> Result<()>) -> Result<Vec<String>> {
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

async fn port_taken(dev: &Dev) -> Result<()> {
    let port = dev.ports[0].to_string();
    let output = this_program("dev").args(["--port", &port, "--memory"]).output().await?;
    let message = String::from_utf8(output.stderr)?;
    let expected = format!("error: port {port} cannot be used");
    ensure!(!output.status.success() && message.starts_with(&expected), "{message}");
    ensure!(message.lines().count() == 1, "more than one line: {message}");
    Ok(())
}

/// A client with an admin's token.
fn client() -> Result<Client> {
    let token = token::signed(&caller(Role::Admin), Duration::from_hours(1))?;
    let headers = [(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}"))?)].into_iter().collect();
    Ok(Client::builder().default_headers(headers).build()?)
}

fn this_program(command: &str) -> Command {
    let mut program = Command::new(std::env::current_exe().unwrap_or_else(|_| "xtask".into()));
    program.arg(command);
    program
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
