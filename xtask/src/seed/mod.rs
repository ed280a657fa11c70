//! `cargo xtask seed`: writes varied resources into a running API's tables.

mod values;
mod words;

use std::env;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::{StreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use kinds::RESOURCES;
use resource_api::Error;
use resource_api::aws;
use resource_api::domain::{
    Caller, Kind, Operation, Permission, Resource, ResourceId, Role, Tenant, Timestamp, Values,
};
use resource_api::repository::ResourceRepository;
use resource_api::service::WriteService;
use serde_json::{Value, json};
use testing::{EXAMPLE_ID, example, local_config};

use crate::local::{self, DYNAMODB_PORT};

/// The number of concurrent writes.
const CONCURRENCY: usize = 16;
/// The period before now in which the resources are created, in seconds.
const PERIOD: u64 = 90 * 24 * 60 * 60;
/// How many earlier resources may be related to one.
const NEIGHBOURS: usize = 500;

/// The attempts to generate values whose unique ones are not taken.
const ATTEMPTS: usize = 20;

/// The options of `seed`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many resources to write
    #[arg(long)]
    count: u64,
    /// The kind of the resources, also one of the example shop. Seed the kinds that it refers to first
    #[arg(long, default_value = "resources")]
    kind: String,
    /// The port of the DynamoDB that `dev` runs, unless `AWS_ENDPOINT_URL_DYNAMODB` names another
    #[arg(long, default_value_t = DYNAMODB_PORT)]
    dynamodb_port: u16,
    /// The tenant of the resources
    #[arg(long, default_value = "default")]
    tenant: String,
}

/// Writes the resources, and the one that the example events read.
pub(crate) async fn run(options: Options) -> Result<()> {
    let endpoint = env::var("AWS_ENDPOINT_URL_DYNAMODB")
        .unwrap_or_else(|_| format!("http://127.0.0.1:{}", options.dynamodb_port));
    let tenant = local::tenant(&options.tenant)?;
    let client = aws::dynamodb_from(&local_config(&endpoint));
    let repository = local::resources(client.clone())?;
    let kind = local::find_kind(&options.kind)?;
    let writers = Role::KNOWN.into_iter().filter(|role| kind.access.permits(*role, Permission::Write));
    let role = writers.min().with_context(|| format!("no role may write {}", kind.name))?;
    let author = Caller { tenant, subject: "seed".to_owned(), role };
    let unreachable = || format!("cannot use the DynamoDB at {endpoint}; start one with `cargo xtask dev`");
    let time = if *kind == RESOURCES {
        create_example(&repository).await.with_context(unreachable)?;
        write(&repository, &author.tenant, resources(options.count, &author), options.count).await?
    } else {
        let references = values::References::read(&repository, &author, kind, unreachable).await?;
        let service = local::writes(client).await?;
        let make = |number| {
            let now = created_at(number, options.count);
            create_made_up(&service, kind, &author, &references, now)
        };
        write_all((0..options.count).map(make), options.count).await?
    };
    println!("Wrote {} {} to {endpoint} in {time:.1?}", options.count, kind.name);
    Ok(())
}

/// Writes resources, with a progress bar. Returns the time that it took.
pub(crate) async fn write(
    repository: &ResourceRepository,
    tenant: &Tenant,
    resources: impl IntoIterator<Item = Result<Resource>>,
    count: u64,
) -> Result<Duration> {
    let store = async |resource: Result<Resource>| Ok(repository.store(tenant, &resource?).await?);
    write_all(resources.into_iter().map(store), count).await
}

/// Runs `count` writes, with a progress bar. Returns the time that it took.
async fn write_all(
    writes: impl IntoIterator<Item = impl Future<Output = Result<()>>>,
    count: u64,
) -> Result<Duration> {
    let bar = ProgressBar::new(count).with_style(ProgressStyle::with_template(
        "{bar:40} {human_pos}/{human_len} resources, {per_sec}, {eta} left",
    )?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut written = stream::iter(writes).buffer_unordered(CONCURRENCY);
    while let Some(written) = written.next().await {
        written?;
        bar.inc(1);
    }
    bar.finish();
    Ok(bar.elapsed())
}

/// Creates a resource with generated values, as a client would. If a unique value is taken, tries with
/// others.
async fn create_made_up(
    service: &WriteService,
    kind: &'static Kind,
    author: &Caller,
    references: &values::References,
    now: Timestamp,
) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let create = Operation::Create(values::of(kind, author, references)?);
        match service.execute(author, kind, &create, now).await {
            Err(Error::AlreadyExists(_)) => {}
            done => return Ok(done.map(drop)?),
        }
    }
    bail!("no unique values for {} in {ATTEMPTS} attempts", kind.name)
}

/// Resources from the oldest to the newest, evenly over the period, each related to some earlier ones.
pub(crate) fn resources(count: u64, author: &Caller) -> impl Iterator<Item = Result<Resource>> {
    let mut recent: Vec<ResourceId> = Vec::new();
    (0..count).map(move |number| {
        let values = Values::from_json(&RESOURCES, body(&recent)).map_err(Error::Validation)?;
        let resource = Resource::new(values, author, created_at(number, count));
        if recent.len() == NEIGHBOURS {
            recent.swap_remove(fastrand::usize(..NEIGHBOURS));
        }
        recent.push(resource.id);
        Ok(resource)
    })
}

/// The creation time of the resource with this number: at least a second ago, so that resources that are
/// created after seeding are newer.
fn created_at(number: u64, count: u64) -> Timestamp {
    let (now, _) = Timestamp::now().since_epoch();
    let age = 1 + PERIOD - PERIOD * (number + 1) / count;
    Timestamp::from_epoch(now - age, fastrand::u32(0..1_000_000_000))
}

/// A body as a client could send it.
fn body(recent: &[ResourceId]) -> Value {
    let related = fastrand::choose_multiple(recent, fastrand::usize(..=5));
    let related: Vec<String> = related.into_iter().map(ToString::to_string).collect();
    let mut body = json!({
        "name": words::name(),
        "status": status(),
        "attributes": words::attributes(),
        "related_ids": related,
    });
    if fastrand::u8(..3) > 0 {
        body["description"] = words::description().into();
    }
    body
}

/// A random status, mostly `active`.
fn status() -> &'static str {
    match fastrand::u8(..10) {
        0 | 1 => "draft",
        2 => "archived",
        _ => "active",
    }
}

/// Stores the resource that the example events read, unless it exists.
async fn create_example(repository: &ResourceRepository) -> Result<()> {
    let author = Caller::example(Role::Admin);
    let values = Values::from_json(&RESOURCES, example()).map_err(Error::Validation)?;
    let id = ResourceId::parse(EXAMPLE_ID).context("the example's id is not valid")?;
    match repository.store(&author.tenant, &Resource::with_id(id, values, &author)).await {
        Err(Error::WriteConflict) => Ok(()),
        stored => Ok(stored?),
    }
}
