//! `cargo xtask reindex`: makes anew what follows from the declarations of the kinds, for all resources, beside live traffic:
//! the keys of their indexes, their unique values, and their words in the search table.
//!
//! First every unique value is looked at, and removed where its resource does not have it. Then the keys, the unique values and
//! the words of every resource are written; where another resource holds a unique value, both are printed. Then every word is looked
//! at, and removed where its resource does not have it.

mod position;

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use resource_api::Error;
use resource_api::deadline;
use resource_api::domain::{Kind, Timestamp};
use resource_api::repository::sdk::Client;
use resource_api::repository::sdk::config::Config;
use resource_api::repository::sdk::config::timeout::TimeoutConfig;
use resource_api::repository::{
    self, Item, SearchRepository, StoredUniqueValue, UniqueValueRepository, Word,
};
use resource_api::service::Reindex;
use resource_api::telemetry::usage;
use tokio::time::{Instant, sleep_until};

use self::position::{Position, Stage};
use crate::connection::Connection;
use crate::local::{self, ALL_KINDS, table_name, target};

/// How long the description of a table may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// The items of one page.
const PAGE: i32 = 100;

/// What `reindex` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many write capacity units it may take each second, on average
    #[arg(long, default_value_t = 500.0, value_parser = positive)]
    rate: f64,
    /// Begins anew, where one that did not come to its end would be taken up
    #[arg(long)]
    from_start: bool,
    #[command(flatten)]
    connection: Connection,
}

fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| "a rate is a number above 0".to_owned())
}

/// Takes up what did not come to its end, or begins.
pub(crate) async fn run(options: Options) -> Result<()> {
    let (client, endpoint) =
        options.connection.open(&["ResourcesTable", "UniqueValuesTable", "SearchTable"]).await?;
    let resources = Table::describe(&client, &endpoint, table_name("ResourcesTable")).await?;
    let search = Table::describe(&client, &endpoint, table_name("SearchTable")).await?;
    let values = Table::describe(&client, &endpoint, table_name("UniqueValuesTable")).await?;
    let tables = [&values, &resources, &search].map(|table| table.identity.clone());
    fs::create_dir_all(target())?;
    let file = target().join("reindex.json");
    let mut position = Position::load(file, &endpoint, tables, declared(), options.from_start)?;
    if position.done > 0 {
        println!("Taking up after {} {}", position.done, position.stage.plural());
    }
    let reindex = Reindex::new(
        local::resources(client.clone())?,
        SearchRepository::new(client.clone(), &search.name),
        UniqueValueRepository::new(client.clone(), &values.name),
    );
    let mut pace = Pace::new(options.rate);
    loop {
        let table = match position.stage {
            Stage::UniqueValues => &values,
            Stage::Resources => &resources,
            Stage::Words => &search,
        };
        follow(&client, table, &reindex, &mut position, &mut pace).await.with_context(|| {
            format!(
                "cannot reindex {endpoint}; the same command takes it up after {} {}",
                position.done,
                position.stage.plural()
            )
        })?;
        let done = position.done;
        match position.stage {
            Stage::UniqueValues => position.begin(Stage::Resources)?,
            Stage::Resources => position.begin(Stage::Words)?,
            Stage::Words => {
                let shared = position.shared;
                position.end()?;
                ensure!(
                    shared == 0,
                    "{shared} conflicts of unique values, as printed above. Change or delete the first resource of each, and run the \
                     same command again"
                );
                println!(
                    "Indexes, unique values and search are right for all resources of {endpoint}: {done} words looked at"
                );
                return Ok(());
            }
        }
    }
}

/// A text that changes with whatever of the declarations is made anew here.
fn declared() -> String {
    let kind = |kind: &Kind| {
        let Kind { name, fields, indexes, unique, access, .. } = kind;
        format!("{name} {fields:?} {indexes:?} {unique:?} {access:?}")
    };
    let kinds: Vec<_> = ALL_KINDS.iter().map(kind).collect();
    let mut hasher = DefaultHasher::new();
    kinds.hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

/// Goes through a table from where it was left, page by page.
async fn follow(
    client: &Client,
    table: &Table,
    reindex: &Reindex,
    position: &mut Position,
    pace: &mut Pace,
) -> Result<()> {
    let bar = progress(table, position)?;
    loop {
        let scanned = client
            .scan()
            .table_name(&table.name)
            .limit(PAGE)
            .set_exclusive_start_key(position.key())
            .send()
            .await
            .with_context(|| format!("cannot read {}", table.name))?;
        let items = scanned.items.unwrap_or_default();
        let count = items.len() as u64;
        let (done, usage) = usage::measured(async {
            match position.stage {
                Stage::Resources => {
                    let key =
                        |item: Item| Ok(repository::resource_key(&item, *ALL_KINDS)?.map(|key| (key, item)));
                    let declared = items.into_iter().map(key).filter_map(Result::transpose);
                    reindex.write(declared.collect::<Result<_, Error>>()?).await
                }
                Stage::UniqueValues => {
                    let stored = items
                        .iter()
                        .map(|item| StoredUniqueValue::of_item(item, *ALL_KINDS))
                        .filter_map(Result::transpose);
                    let stored = stored.collect::<Result<Vec<_>, _>>()?;
                    reindex.remove_stale_values(&stored).await.map(|()| Vec::new())
                }
                Stage::Words => {
                    let words = items
                        .iter()
                        .map(|item| Word::of_item(item, *ALL_KINDS))
                        .filter_map(Result::transpose);
                    reindex.remove_stale(&words.collect::<Result<Vec<_>, _>>()?).await.map(|()| Vec::new())
                }
            }
        })
        .await;
        for shared in done.map_err(|error| anyhow!(error.chain()))? {
            bar.suspend(|| eprintln!("{shared}"));
            position.shared += 1;
        }
        bar.inc(count);
        let more = scanned.last_evaluated_key.is_some();
        if more {
            position.advance(scanned.last_evaluated_key, count)?;
            pace.spend(usage.write_units).await;
        } else {
            position.done += count;
            bar.finish();
            return Ok(());
        }
    }
}

/// A table that is gone through.
struct Table {
    name: String,
    /// Its name and the time of its making, so that a position is not taken for one of another table.
    identity: String,
    /// DynamoDB counts about every six hours; a young table may have none by its count.
    items: u64,
}

impl Table {
    async fn describe(client: &Client, endpoint: &str, name: String) -> Result<Self> {
        // The embedded DynamoDB counts all items for that.
        let timeouts =
            TimeoutConfig::builder().operation_timeout(PATIENCE).operation_attempt_timeout(PATIENCE);
        let patient = Config::builder().timeout_config(timeouts.build());
        let described = client.describe_table().table_name(&name).customize().config_override(patient).send();
        let until = Timestamp::now().as_microseconds() / 1000 + 1000 * PATIENCE.as_secs();
        let described = deadline::within(until, described).await.with_context(|| {
            format!("there is no {name} in the DynamoDB at {endpoint}; `cargo xtask dev` makes one")
        })?;
        let table = described.table.with_context(|| format!("{name} has no description"))?;
        let made = table.creation_date_time.map(|time| time.as_secs_f64()).unwrap_or_default();
        let items = table.item_count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        Ok(Self { identity: format!("{name} of {made}"), name, items })
    }
}

fn progress(table: &Table, position: &Position) -> Result<ProgressBar> {
    let counts = if table.items > 0 { "{bar:40} {human_pos}/{human_len}" } else { "{spinner} {human_pos}" };
    let template = format!("{counts} {}, {{per_sec}}, {{elapsed}}", position.stage.plural());
    let bar = ProgressBar::new(table.items).with_style(ProgressStyle::with_template(&template)?);
    bar.set_position(position.done);
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}

/// Keeps writes to a rate, on average since the start.
struct Pace {
    per_second: f64,
    due: Instant,
}

impl Pace {
    fn new(per_second: f64) -> Self {
        Self { per_second, due: Instant::now() }
    }

    /// Waits for as long as these units take at the rate.
    async fn spend(&mut self, units: f64) {
        self.due = self.due.max(Instant::now()) + Duration::from_secs_f64(units / self.per_second);
        sleep_until(self.due).await;
    }
}

#[cfg(test)]
mod tests;
