//! `cargo xtask dead-letters`: the changes that functions on the stream gave up. Lists and shows them, and gives them to their
//! functions again.

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
/// How many dead letters are read at the same time.
const CONCURRENCY: usize = 16;

/// What `dead-letters` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Prints each dead letter: its id, when and by which function it was given up, how many records it has, how old
    /// they are, why it was given up, and the table and the shard of the stream
    List(Place),
    /// Prints the records of a dead letter: kind, tenant, id and version of each resource, and what happened to it
    Show {
        /// The id that `list` prints, or its beginning
        id: String,
        /// Prints the dead letter as JSON, with all that is in the records
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Invokes the functions that gave up dead letters with the same records, as the stream would. Removes a dead letter
    /// when its function has succeeded. If the function fails or reports some of the records, the dead letter stays, with
    /// those records that are left. The result is the same in any order and however often it is done
    Redrive(RedriveOptions),
}

/// Where dead letters are.
#[derive(clap::Args)]
struct Place {
    /// Uses the bucket of a deployment that `DEAD_LETTERS_BUCKET` names, with the credentials and the region of the
    /// environment (docs/development.md has the IAM permissions). Without it, uses what `dev` keeps in target/dev/dead-letters
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
    /// Invokes this function instead of the one that gave up the dead letter, for example after the stack was made anew: a
    /// name or an ARN
    #[arg(long)]
    function: Option<String>,
    /// The port of the API that `dev` runs
    #[arg(long, default_value_t = 9000, conflicts_with = "deployed")]
    port: u16,
    #[command(flatten)]
    place: Place,
}

/// Does what the command says.
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
        let name = environment.finish(name).context("the environment")?;
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
    let letter = bucket.get(&entry).await?.with_context(|| format!("{} is gone", entry.id))?;
    let letter = letter.with_context(|| format!("{} is no dead letter", entry.key))?;
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
        bail!("{left} of {} dead letters are left", entries.len());
    }
    if entries.is_empty() {
        println!("There are no dead letters in {bucket}");
    }
    Ok(())
}

/// The dead letters with some ids, each once.
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
