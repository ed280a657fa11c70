//! `cargo xtask dead-letters`: lists, shows and redrives dead letters: stream records that a function failed
//! to process.

mod bucket;
mod lambda;
mod print;
mod redrive;

use anyhow::{Context as _, Result, anyhow, bail};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use resource_api::aws;
use resource_api::config::Environment;
use resource_api::stream::DeadLetter;
use serde_json::Value;

pub(crate) use self::bucket::Bucket;
use self::bucket::Entry;
use self::lambda::Lambda;
use self::redrive::{Outcome, redrive};
use crate::local_functions::LocalFunctions;

/// The variable that names the bucket of a deployment.
const BUCKET: &str = "DEAD_LETTERS_BUCKET";
/// How many dead letters are read concurrently.
const CONCURRENCY: usize = 16;

/// The options of `dead-letters`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Lists the dead letters: id, time of the failure, number of records, age of the oldest record,
    /// function, reason, table and shard of the stream
    List(Place),
    /// Prints the records of a dead letter: kind, tenant, id and version of each resource, and how it was
    /// changed
    Show {
        /// The id that `list` prints, or its beginning
        id: String,
        /// Prints the dead letter as JSON, with the whole records
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Invokes the functions again with the records of their dead letters, and removes a dead letter when its
    /// function succeeds. If the function fails, or reports some records as failed, the dead letter stays
    /// with the records that are left. Dead letters can be redriven in any order, and repeatedly
    Redrive(RedriveOptions),
}

/// The place of the dead letters.
#[derive(clap::Args)]
struct Place {
    /// Uses the bucket that `DEAD_LETTERS_BUCKET` names, with credentials and region from the environment
    /// (docs/development.md has the IAM permissions). Without it, uses the dead letters of `dev` in
    /// target/dev/dead-letters
    #[arg(long)]
    deployed: bool,
}

#[derive(clap::Args)]
struct RedriveOptions {
    /// The ids that `list` prints, or their beginnings
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<String>,
    /// Redrives all dead letters, the oldest first
    #[arg(long)]
    all: bool,
    /// The name or ARN of a function to invoke instead of the one that failed, for example in a new stack
    #[arg(long)]
    function: Option<String>,
    /// The port of `dev`
    #[arg(long, default_value_t = 9000, conflicts_with = "deployed")]
    port: u16,
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
pub(crate) async fn run(options: Options) -> Result<()> {
    match options.command {
        Command::List(place) => list(&place.bucket().await?.0).await,
        Command::Show { id, json, place } => show(&place.bucket().await?.0, &id, json).await,
        Command::Redrive(options) => redrive_all(options).await,
    }
}

impl Place {
    /// The bucket, and the functions of a deployment.
    async fn bucket(&self) -> Result<(Bucket, Option<Lambda>)> {
        if !self.deployed {
            return Ok((Bucket::of_dev()?, None));
        }
        let mut environment = Environment::of_process();
        let name = environment.required(BUCKET);
        let name = environment.finish(name).context("invalid environment variables")?;
        let config = aws::sdk_config().await.map_err(|error| anyhow!("{error}"))?;
        Ok((Bucket::s3(&config, name).await?, Some(Lambda::connect(&config).await?)))
    }
}

async fn list(bucket: &Bucket) -> Result<()> {
    let entries = bucket.entries().await?;
    let read = entries.into_iter().map(async |entry| {
        let letter = bucket.get(&entry).await?;
        Ok::<_, anyhow::Error>(letter.map(|letter| (entry, letter)))
    });
    let letters: Vec<_> = stream::iter(read).buffered(CONCURRENCY).try_collect().await?;
    print::list(&letters.into_iter().flatten().collect::<Vec<_>>());
    Ok(())
}

async fn show(bucket: &Bucket, id: &str, json: bool) -> Result<()> {
    let entry = bucket.entry(id).await?;
    let letter = bucket.get(&entry).await?.with_context(|| format!("{} has been removed", entry.id))?;
    let letter = letter.with_context(|| format!("{} is not a dead letter", entry.key))?;
    if json {
        return print::json(&letter);
    }
    print::records(&entry, &letter);
    Ok(())
}

async fn redrive_all(options: RedriveOptions) -> Result<()> {
    let (bucket, lambda) = options.place.bucket().await?;
    let local = LocalFunctions::at(&format!("http://127.0.0.1:{}", options.port));
    let entries = if options.all { bucket.entries().await? } else { chosen(&bucket, &options.ids).await? };
    let invoke = async |letter: &DeadLetter| -> Result<Value> {
        let function = options.function.as_deref().unwrap_or_else(|| letter.function_arn());
        match &lambda {
            Some(lambda) => lambda.invoke(function, &letter.event()).await,
            None => local.invoke(print::function_name(function), &letter.event()).await,
        }
    };
    let mut left = 0;
    for entry in &entries {
        let outcome = redrive(&bucket, entry, &invoke).await?;
        println!("{} {outcome}", entry.id);
        left += usize::from(matches!(outcome, Outcome::Left { .. }));
    }
    if left > 0 {
        bail!("{left} of {} dead letters were not redriven completely", entries.len());
    }
    if entries.is_empty() {
        println!("There are no dead letters in {bucket}");
    }
    Ok(())
}

/// The dead letters with these ids, each once.
async fn chosen(bucket: &Bucket, ids: &[String]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for id in ids {
        let entry = bucket.entry(id).await?;
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests;
