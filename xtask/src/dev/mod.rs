//! `cargo xtask dev`: runs the whole API on this machine.

mod log;
mod store;

use std::env;
use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use functions::SUBSCRIPTIONS;
use futures_util::future::try_join_all;
use resource_api::domain::{Caller, Role};
use testing::{Faults, Template, cache_proxy, dynamodb_proxy};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep};

use self::log::Format;
use self::store::{Store, listen};
use crate::local::{DYNAMODB_PORT, Example, in_workspace, table_name, table_variable};
use crate::stream::Feed;
use crate::{cargo_lambda, processes, token};

/// The feature of `functions` that gives their dependencies the features that they have in xtask, so that
/// cargo compiles them once.
pub(crate) const DEVELOPMENT: &str = "development";

/// How long the API may take to respond after the build.
const START_TIMEOUT: Duration = Duration::from_mins(2);

/// The lifetime of the printed token.
const TOKEN_TTL: Duration = Duration::from_hours(12);

/// The options of `dev`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The API's port
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// The embedded DynamoDB's port
    #[arg(long, default_value_t = DYNAMODB_PORT)]
    dynamodb_port: u16,
    /// The address that the embedded DynamoDB listens on. Containers, such as those of `sam local invoke`,
    /// need 0.0.0.0
    #[arg(long, default_value_t = Ipv4Addr::LOCALHOST.into())]
    dynamodb_address: IpAddr,
    /// Keeps data only in memory, so that it is lost when `dev` ends
    #[arg(long)]
    memory: bool,
    /// The file for the data [default: target/dev/dynamodb.sqlite]
    #[arg(long, conflicts_with = "memory")]
    data_file: Option<PathBuf>,
    /// Also serves the kinds of an example
    #[arg(long)]
    example: Option<Example>,
    /// Builds the functions with optimizations
    #[arg(long)]
    release: bool,
    /// Injects faults into calls to DynamoDB and to the cache. Separated by commas: throttle, error,
    /// lose-request, lose-response, partial, conflict and hang, each as a share of the calls (throttle=0.1),
    /// and latency in milliseconds (latency=20)
    #[arg(long)]
    faults: Option<Faults>,
    /// Prints the functions' log as JSON, also on a terminal
    #[arg(long)]
    json: bool,
}

impl Options {
    /// The features of `functions` that it is built with.
    fn features(&self) -> String {
        match self.example {
            None => DEVELOPMENT.to_owned(),
            Some(Example::Shop) => format!("{DEVELOPMENT},shop"),
        }
    }
}

/// Runs until it is interrupted, and then ends all processes that it has started.
pub(crate) async fn run(options: Options) -> Result<()> {
    let mut interrupts = Interrupts::new()?;
    let mut child = None;
    let result = tokio::select! {
        result = serve(&options, &mut child) => result,
        () = interrupts.next() => Ok(()),
    };
    if let Some(child) = &mut child {
        processes::end(child).await?;
    }
    result
}

/// Starts everything in order. Returns only if something fails or ends by itself. `child` is the program that
/// runs: first the build, then `cargo lambda watch`.
async fn serve(options: &Options, child: &mut Option<Child>) -> Result<()> {
    drop(listen(Ipv4Addr::LOCALHOST.into(), options.port, "--port").await?);
    let cargo_lambda = cargo_lambda::find_or_fetch().await?;
    let template = Template::of_workspace()?;
    let store = Store::start(options, &template).await?;
    let (mut endpoint, mut cache) = (store.endpoint.clone(), env::var("CACHE_URL").ok());
    if let Some(faults) = options.faults.clone() {
        let of_cache = faults.clone();
        endpoint = dynamodb_proxy(&endpoint, move |_| faults.next()).await?;
        cache = match cache {
            Some(url) => Some(faulty_cache(&url, of_cache).await?),
            None => None,
        };
    }
    build(options, child).await?;

    let mut command = program(cargo_lambda);
    command
        .args([
            "lambda",
            "watch",
            "--package",
            "functions",
            "--features",
            &options.features(),
            "--invoke-address",
            "127.0.0.1",
            "--invoke-port",
        ])
        .arg(options.port.to_string())
        .args(options.release.then_some("--release"))
        .envs(template.tables.keys().map(|table| (table_variable(table), table_name(table))))
        .env("AWS_ENDPOINT_URL_DYNAMODB", &endpoint)
        .envs(cache.map(|url| ("CACHE_URL", url)))
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE")
        // Other stages refuse settings that are not safe in a deployment, such as the development secret.
        .env("STAGE", env::var("STAGE").as_deref().unwrap_or("local"))
        .env("AWS_REGION", env::var("AWS_REGION").as_deref().unwrap_or("us-east-1"));
    let keys_elsewhere = ["JWT_SECRET_ARN", "JWT_JWKS_URL"].iter().any(|name| is_set(name));
    if !keys_elsewhere {
        command.env("JWT_SECRET", token::secret());
    }
    let format = Format::of_stdout(options.json);
    if let Format::Readable { .. } = format {
        // Without cargo's progress. Errors of the build are still printed.
        command.stdout(Stdio::piped()).env("CARGO_TERM_QUIET", "true");
    }
    let watch = child.insert(command.spawn().context("cannot start cargo-lambda")?);
    if let (Format::Readable { colours }, Some(output)) = (format, watch.stdout.take()) {
        tokio::spawn(log::print(output, colours));
    }
    let url = format!("http://127.0.0.1:{}", options.port);
    wait_for_health(&url, watch).await?;
    let mut feeds = Vec::new();
    // Events are published only if there is a bus, as in the template.
    let publishes = is_set("EVENT_BUS_NAME");
    for subscription in SUBSCRIPTIONS.iter().filter(|it| it.condition.is_none() || publishes) {
        let feed = Feed::new(subscription, &store.endpoint, &url, store.file.as_deref(), &template).await?;
        feed.warm_up().await;
        feeds.push(feed.run());
    }
    let token =
        if keys_elsewhere { None } else { Some(token::signed(&Caller::example(Role::Admin), TOKEN_TTL)?) };
    println!("{}", greeting(&url, &store, token.as_deref()));
    tokio::select! {
        status = watch.wait() => bail!("cargo lambda watch ended ({})", status?),
        result = try_join_all(feeds) => result.map(drop),
    }
}

/// Starts a proxy that injects faults into calls to a cache. Returns its URL.
async fn faulty_cache(url: &str, faults: Faults) -> Result<String> {
    let rest = url.strip_prefix("redis://").context("with --faults, CACHE_URL must begin with redis://")?;
    let (server, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (credentials, server) = server.rsplit_once('@').map_or(("", server), |(who, server)| (who, server));
    let address = if server.contains(':') { server.to_owned() } else { format!("{server}:6379") };
    let proxy = cache_proxy(&address, move || faults.next()).await?;
    let at = if credentials.is_empty() { "" } else { "@" };
    Ok(format!("redis://{credentials}{at}{proxy}/{database}"))
}

/// A program in the workspace, in its own process group. Ctrl-C at the terminal then reaches only xtask,
/// which ends the program and its descendants.
fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = in_workspace(name);
    command.stdin(Stdio::null()).process_group(0);
    command
}

/// Builds the functions, so that the first request of each does not wait for the compiler.
async fn build(options: &Options, child: &mut Option<Child>) -> Result<()> {
    let mut cargo = program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--package", "functions", "--features", &options.features(), "--bins"])
        .args(options.release.then_some("--release"));
    let status = child.insert(cargo.spawn().context("cannot run cargo")?).wait().await?;
    ensure!(status.success(), "the build of the functions failed");
    Ok(())
}

async fn wait_for_health(url: &str, watch: &mut Child) -> Result<()> {
    let deadline = Instant::now() + START_TIMEOUT;
    let client = reqwest::Client::new();
    loop {
        let answer = client.get(format!("{url}/health")).timeout(START_TIMEOUT).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        if let Some(status) = watch.try_wait()? {
            bail!("cargo lambda watch ended before the API responded ({status})");
        }
        ensure!(Instant::now() < deadline, "{url}/health did not respond within {START_TIMEOUT:?}");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Whether a variable is set and not empty.
fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn greeting(url: &str, store: &Store, token: Option<&str>) -> String {
    let data = &store.data;
    let token = token.unwrap_or("(from your issuer)");
    let port = store.endpoint.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
    let port = port.filter(|port| *port != DYNAMODB_PORT);
    let port = port.map(|port| format!(" --dynamodb-port {port}")).unwrap_or_default();
    format!(
        r#"
Resource API runs at {url}
DynamoDB {data}

In a browser: {url}/docs, with the token below under Authorize.
Try, as an admin (`cargo xtask token --role user` prints the token of a user):
  export TOKEN={token}
  curl {url}/api/resources -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{{"name": "Field notes"}}'
  curl '{url}/api/resources/search?q=field' -H "Authorization: Bearer $TOKEN"
  cargo xtask seed --count 1000{port}

Changed files are rebuilt. Ctrl-C stops everything.
"#
    )
}

/// The signals that end a program.
struct Interrupts([tokio::signal::unix::Signal; 3]);

impl Interrupts {
    fn new() -> Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
