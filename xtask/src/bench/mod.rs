//! `cargo xtask bench`: measures the figures of the documentation.

mod cache;
mod changes;
mod costs;
mod counting_store;
mod dashboard;
mod data;
mod event;
mod kinds;
mod lambda;
mod listing;
mod memory;
mod pages;
mod picture;
mod runtime;
mod scale;
mod search;

use anyhow::Result;
use resource_api::aws;
use resource_api::domain::Shards;
use resource_api::repository::ResourceRepository;
use testing::{EmbeddedDynamoDb, Template, create_tables, local_config};
use tokio::net::TcpListener;

use crate::local::table_name;

/// The options of `bench`.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: Option<What>,
    /// The number of resources, and of orders. Page 1,000 needs at least 25,000
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(25_000..))]
    count: u64,
}

#[derive(clap::Subcommand)]
enum What {
    /// Measures the peak memory of each release binary for its most expensive requests, under the function's
    /// memory limit
    Memory(memory::Options),
    /// Puts load on `dev` (a debug build), compares the metrics in its log lines with the load, and draws the
    /// dashboard
    Dashboard(dashboard::Options),
    /// Counts what each operation of the release binaries consumes and costs (docs/costs.md). Fails if one
    /// consumes more than is recorded
    Costs(costs::Options),
    /// Measures cold starts and warm requests of release binaries, compared with a function that only reads one item
    Runtime(runtime::Options),
    /// Measures lists, searches, writes and the stream in a tenant of a million records and in a small one.
    /// Takes an hour
    Scale(scale::Options),
}

/// Runs a subcommand, or measures reads, lists, search and the stream on an embedded DynamoDB in memory.
pub(crate) async fn run(options: Options) -> Result<()> {
    match options.what {
        Some(What::Memory(options)) => return memory::run(options).await,
        Some(What::Dashboard(options)) => return dashboard::run(options).await,
        Some(What::Costs(options)) => return costs::run(options).await,
        Some(What::Runtime(options)) => return runtime::run(options).await,
        Some(What::Scale(options)) => return scale::run(options).await,
        None => {}
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let dynamodb = EmbeddedDynamoDb::start(listener, None)?;
    let client = aws::dynamodb_from(&local_config(dynamodb.endpoint()));
    create_tables(dynamodb.endpoint(), &Template::of_workspace()?, table_name).await?;
    let resources = ResourceRepository::new(client.clone(), table_name("ResourcesTable"), Shards::default());
    cache::run(resources.clone()).await?;
    kinds::run(resources.clone(), options.count).await?;
    listing::run(resources.clone(), options.count).await?;
    let mut follower = changes::Follower::new(&client, dynamodb.endpoint(), resources.clone()).await?;
    changes::run(&mut follower, &resources).await?;
    search::run(&client, &mut follower, resources).await
}
