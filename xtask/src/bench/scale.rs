//! `cargo xtask bench scale`: compares lists, searches, writes and the stream in a tenant of a million
//! records with those in a tenant of ten thousand.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use kinds::{KINDS, RESOURCES};
use resource_api::aws;
use resource_api::cache::Cache;
use resource_api::domain::{
    Caller, Change, ExpectedVersion, Operation, Resource, Role, SearchEntry, SearchRequest, Shards, Status,
    Tenant, Timestamp, Words,
};
use resource_api::repository::{ResourceRepository, SearchRepository};
use resource_api::service::{ReadService, SearchService, WriteService};
use resource_api::telemetry::usage::{self, Usage};
use testing::{EmbeddedDynamoDb, Template, create_tables};
use tokio::net::TcpListener;

use super::changes::Follower;
use super::data::word_puts;
use super::{listing, pages, search};
use crate::e2e::this_program;
use crate::local::{self, table_name};
use crate::seed;

/// The number of the deep page.
const DEPTH: usize = 100;
/// A query for a frequent word, and one that fewer names match.
const SEARCHES: [&str; 2] = ["report", "quarterly report"];
/// The number of resources whose words are written at once.
const CHUNK: usize = 100;
/// The number of resources that are created in each tenant, and then deleted.
const WRITES: u64 = 1_000;

/// The options of `bench scale`.
#[derive(clap::Args)]
pub(super) struct Options {
    /// The number of records of the large tenant
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..))]
    records: u64,
    /// The number of small tenants
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    tenants: u64,
    /// The number of records of each small tenant
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(5_000..))]
    records_of_each: u64,
}

/// Fills an embedded DynamoDB, for the small tenants with `cargo xtask seed`, and measures in both kinds of
/// tenant.
pub(super) async fn run(options: Options) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let dynamodb = EmbeddedDynamoDb::start(listener, None)?;
    let endpoint = dynamodb.endpoint();
    let mut template = Template::of_workspace()?;
    // The streams are enabled after the tables are filled: processing millions of records is not measured.
    let streams: Vec<_> =
        template.tables.values_mut().map(|table| table.stream_specification.take()).collect();
    create_tables(endpoint, &template, table_name).await?;

    let small = |number: u64| format!("small-{number}");
    let started = Instant::now();
    seed(endpoint, &small(0), options.records_of_each).await?;
    rate("seed", options.records_of_each, started.elapsed());
    let started = Instant::now();
    reindex(endpoint).await?;
    rate("reindex", options.records_of_each, started.elapsed());
    let started = Instant::now();
    for number in 1..options.tenants {
        seed(endpoint, &small(number), options.records_of_each).await?;
    }
    rate("seed, other tenants", (options.tenants - 1) * options.records_of_each, started.elapsed());
    let client = aws::dynamodb_from(&testing::local_config(endpoint));
    let resources = ResourceRepository::new(client.clone(), table_name("ResourcesTable"), Shards::default());
    let words = SearchRepository::new(client.clone(), table_name("SearchTable"));
    let caller = |tenant: &str| {
        let tenant = Tenant::parse(tenant).context("no tenant")?;
        Ok::<_, anyhow::Error>(Caller { tenant, ..Caller::example(Role::Admin) })
    };
    let (large, small) = (caller("large")?, caller(&small(0))?);
    fill(&resources, &words, &large, options.records).await?;

    for (table, stream) in template.tables.values_mut().zip(streams) {
        table.stream_specification = stream;
    }
    create_tables(endpoint, &template, table_name).await?;
    let mut follower = Follower::new(&client, endpoint, resources.clone()).await?;
    let callers =
        [(format!("of {}", options.records), large), (format!("of {}", options.records_of_each), small)];
    lists(&resources, &callers).await?;
    searches(&SearchService::over(resources, words), &callers).await?;
    writes(&local::writes(client).await?, &callers, &mut follower).await
}

/// Fills the large tenant. Writes its words directly, as `process-changes` would: `reindex` would take hours.
async fn fill(
    resources: &ResourceRepository,
    words: &SearchRepository,
    author: &Caller,
    count: u64,
) -> Result<()> {
    let mut all = Vec::new();
    let seeded = seed::resources(count, author).inspect(|resource| {
        if let Ok(resource) = resource {
            all.push((resource.id, SearchEntry::of(resource)));
        }
    });
    let took = seed::write(resources, &author.tenant, seeded, count).await?;
    rate("seed, large tenant", count, took);
    let started = Instant::now();
    let collection = author.collection(&RESOURCES);
    for some in all.chunks(CHUNK) {
        let changes = some.iter().flat_map(|(id, entry)| word_puts(&collection, *id, entry));
        words.write(&changes.collect::<Vec<_>>()).await?;
    }
    rate("words", count, started.elapsed());
    Ok(())
}

async fn seed(endpoint: &str, tenant: &str, count: u64) -> Result<()> {
    let mut program = this_program("seed");
    program.args(["--tenant", tenant, "--count", &count.to_string()]);
    let output = program.env("AWS_ENDPOINT_URL_DYNAMODB", endpoint).output().await?;
    ensure!(output.status.success(), "seed failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

async fn reindex(endpoint: &str) -> Result<()> {
    // Another folder, so that the position of a run of the user is kept.
    let folder = local::target().join("bench");
    let mut program = this_program("reindex");
    program.args(["--from-start", "--rate", "1000000"]);
    program.env("AWS_ENDPOINT_URL_DYNAMODB", endpoint).env("CARGO_TARGET_DIR", folder);
    let output = program.output().await?;
    ensure!(output.status.success(), "reindex failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn rate(what: &str, count: u64, took: Duration) {
    #[expect(clippy::cast_precision_loss, reason = "millions")]
    let each = count as f64 / took.as_secs_f64();
    println!("{what}: {count} records in {took:.0?}, {each:.0} a second");
}

async fn lists(resources: &ResourceRepository, callers: &[(String, Caller)]) -> Result<()> {
    let service = ReadService::over(resources.clone(), Cache::default(), KINDS);
    let active = listing::status_of("active")?;
    let mut measured = Vec::new();
    for (name, caller) in callers {
        for sort in ["-created", "name", "-updated"] {
            let request = listing::list(active, sort);
            let title = format!("{name}, sort={sort}");
            measured.push(pages::measure(&service, caller, &title, &request).await?);
            let deep = pages::walk(&service, caller, request, DEPTH).await?;
            measured.push(pages::measure(&service, caller, &format!("{title}, page {DEPTH}"), &deep).await?);
        }
    }
    pages::compare("A page of 20 active resources", &measured)
}

async fn searches(service: &SearchService, callers: &[(String, Caller)]) -> Result<()> {
    println!("\nA search for 10 results:\n");
    println!("{:<40} {:>26} {:>12} {:>10}", "search", "calls", "read units", "median");
    for query in SEARCHES {
        for (name, caller) in callers {
            let request = SearchRequest {
                kind: &RESOURCES,
                words: Words::of(query),
                statuses: Status::all(&RESOURCES).collect(),
                limit: 10,
                fields: RESOURCES.summary(),
            };
            let (usage, results, time) = search::measure(service, caller, &request).await?;
            ensure!(results == request.limit, "{query}, {name}: {results} results, not {}", request.limit);
            search::check(&request, 1.0, &usage)?;
            let title = format!("{query}, {name}");
            println!("{title:<40} {:>26} {:>12} {time:>10.1?}", usage.operations(), usage.read_units);
        }
    }
    Ok(())
}

/// Creates resources in each tenant, deletes them, and processes the changes.
async fn writes(service: &WriteService, callers: &[(String, Caller)], follower: &mut Follower) -> Result<()> {
    println!("\n{WRITES} creations and deletions, and their processing by process-changes:\n");
    println!("{:<40} {:>26} {:>12} {:>10}", "what", "calls of one", "write units", "median");
    for (name, caller) in callers {
        let mut ids = Vec::new();
        let mut created = Samples::default();
        for resource in seed::resources(WRITES, caller) {
            let create = Operation::Create(resource?.values);
            let resource = created.measure(service, caller, &create).await?;
            ids.push(resource.context("a creation returned no resource")?.id);
        }
        let mut deleted = Samples::default();
        for id in ids {
            let delete = Operation::Change { id, expected: ExpectedVersion::Any, change: Change::Delete };
            deleted.measure(service, caller, &delete).await?;
        }
        created.print(&format!("create, {name}"));
        deleted.print(&format!("delete, {name}"));
        let (changes, each) = follower.follow().await?;
        println!("{:<40} {:.2?} for each of {changes} changes", format!("process-changes, {name}"), each);
    }
    Ok(())
}

/// The times and the usage of writes.
#[derive(Default)]
struct Samples {
    times: Vec<Duration>,
    last: Usage,
}

impl Samples {
    async fn measure(
        &mut self,
        service: &WriteService,
        caller: &Caller,
        operation: &Operation,
    ) -> Result<Option<Resource>> {
        let started = Instant::now();
        let write = service.execute(caller, &RESOURCES, operation, Timestamp::now());
        let (written, usage) = usage::measured(Box::pin(write)).await;
        self.times.push(started.elapsed());
        self.last = usage;
        Ok(written?)
    }

    fn print(mut self, what: &str) {
        self.times.sort_unstable();
        let median = self.times.get(self.times.len() / 2).copied().unwrap_or_default();
        println!("{what:<40} {:>26} {:>12} {median:>10.1?}", self.last.operations(), self.last.write_units);
    }
}
