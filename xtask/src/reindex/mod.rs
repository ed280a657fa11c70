//! `cargo xtask reindex`: makes anew what follows from the declarations of the kinds, for all resources, beside live traffic:
//! the keys of their indexes, their unique values, and their words in the search table.
//!
//! First every unique value is looked at, and removed where its resource does not have it. Then the keys, the unique values and
//! the words of every resource are written; where another resource holds a unique value, both are printed. Then every word is looked
//! at, and removed where its resource does not have it.

mod position;
mod table;

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use resource_api::Error;
use resource_api::repository::sdk::Client;
use resource_api::repository::{
    self, Item, SearchRepository, StoredUniqueValue, UniqueValueRepository, Word,
};
use resource_api::service::Reindex;
use resource_api::telemetry::usage;

use self::position::{Position, Stage};
use self::table::Table;
use crate::local::{self, ALL_KINDS, table_name, target};
use crate::store::{DEPLOYED_RATE, Pace, StoreOptions, rate};

/// The variables that name the tables of a deployment.
const TABLES: [&str; 3] = ["RESOURCES_TABLE", "UNIQUE_VALUES_TABLE", "SEARCH_TABLE"];
/// The items of one page.
const PAGE: i32 = 100;

/// What `reindex` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many write capacity units it may take each second, on average
    #[arg(long, default_value_t = DEPLOYED_RATE, value_parser = rate)]
    rate: f64,
    /// Begins anew, where one that did not come to its end would be taken up
    #[arg(long)]
    from_start: bool,
    #[command(flatten)]
    store: StoreOptions,
}

/// Takes up what did not come to its end, or begins.
pub(crate) async fn run(options: Options) -> Result<()> {
    let (client, endpoint) = options.store.connect(&TABLES).await?;
    let resources = Table::describe(&client, &endpoint, table_name("ResourcesTable")).await?;
    let search = Table::describe(&client, &endpoint, table_name("SearchTable")).await?;
    let values = Table::describe(&client, &endpoint, table_name("UniqueValuesTable")).await?;
    let tables = [&values, &resources, &search].map(|table| table.identity.clone());
    fs::create_dir_all(target())?;
    let file = target().join("reindex.json");
    let mut position = Position::load(file, &endpoint, tables, local::declared(), options.from_start)?;
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

fn progress(table: &Table, position: &Position) -> Result<ProgressBar> {
    let counts = if table.items > 0 { "{bar:40} {human_pos}/{human_len}" } else { "{spinner} {human_pos}" };
    let template = format!("{counts} {}, {{per_sec}}, {{elapsed}}", position.stage.plural());
    let bar = ProgressBar::new(table.items).with_style(ProgressStyle::with_template(&template)?);
    bar.set_position(position.done);
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}

#[cfg(test)]
mod tests;
