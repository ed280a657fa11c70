//! `cargo xtask reindex`: rebuilds what depends on the declarations of the kinds, for all resources, while
//! the API serves requests: the keys of their indexes, their unique values, and their words in the search
//! table.
//!
//! First, unique values that their resource does not have are removed. Then the keys, the unique values and
//! the words of every resource are written; if another resource has a unique value, both are printed.
//! Finally, words that their resource does not have are removed. After a restore, the versions in the history
//! are checked before the resources.

mod pass;
mod position;
mod table;

use std::fs;

use anyhow::{Context as _, Result, ensure};
use resource_api::repository::sdk::Client;
use resource_api::repository::{HistoryRepository, SearchRepository, UniqueValueRepository};
use resource_api::service::{HistoryRepair, Reindex};

use self::pass::Pass;
use self::position::{Position, Stage};
use self::table::Table;
use crate::local::{self, table_name, target};
use crate::store::{DEPLOYED_RATE, Pace, StoreOptions, rate};

/// The options of `reindex`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write capacity units a second, on average
    #[arg(long, default_value_t = DEPLOYED_RATE, value_parser = rate)]
    rate: f64,
    /// Starts over instead of resuming an interrupted run
    #[arg(long)]
    from_start: bool,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

/// What is rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What depends on declarations.
    Declarations,
    /// The same, and the history of resources that were restored to an earlier time.
    Restored,
}

/// Resumes an interrupted run, or starts one.
pub(crate) async fn run(options: Options) -> Result<()> {
    let tables = ["ResourcesTable", "UniqueValuesTable", "SearchTable"];
    let (client, endpoint) = options.store.connect(&tables).await?;
    make_anew(&client, &endpoint, &options, Scope::Declarations).await
}

/// Rebuilds what is in the scope.
pub(crate) async fn make_anew(
    client: &Client,
    endpoint: &str,
    options: &Options,
    scope: Scope,
) -> Result<()> {
    let describe = async |logical_id| Table::describe(client, endpoint, table_name(logical_id)).await;
    let resources = describe("ResourcesTable").await?;
    let search = describe("SearchTable").await?;
    let values = describe("UniqueValuesTable").await?;
    let history = match scope {
        Scope::Declarations => None,
        Scope::Restored => Some(describe("HistoryTable").await?),
    };
    let tables = [&values, &resources, &search].into_iter().chain(&history);
    let tables = tables.map(|table| table.identity.clone()).collect();
    fs::create_dir_all(target())?;
    let file = target().join(match scope {
        Scope::Declarations => "reindex.json",
        Scope::Restored => "complete-restore.json",
    });
    let mut position = Position::load(file, endpoint, tables, local::declared(), options.from_start)?;
    if position.done > 0 {
        println!("Resuming after {} {}", position.done, position.stage.plural());
    }
    let repository = local::resources(client.clone())?;
    let history_repository = |table: &Table| HistoryRepository::new(client.clone(), &table.name);
    let mut pass = Pass {
        client,
        reindex: Reindex::new(
            repository.clone(),
            SearchRepository::new(client.clone(), &search.name),
            UniqueValueRepository::new(client.clone(), &values.name),
        ),
        history: history.as_ref().map(|table| HistoryRepair::new(repository, history_repository(table))),
        pace: Pace::new(options.rate),
    };
    loop {
        let table = match position.stage {
            Stage::UniqueValues => &values,
            Stage::Resources => &resources,
            Stage::Words => &search,
            Stage::Versions => history.as_ref().context("only complete-restore checks versions")?,
        };
        pass.over(table, &mut position).await.with_context(|| {
            format!(
                "cannot continue with {endpoint}; run the same command again to resume after {} {}",
                position.done,
                position.stage.plural()
            )
        })?;
        match position.stage {
            Stage::UniqueValues if history.is_some() => position.begin(Stage::Versions)?,
            Stage::UniqueValues | Stage::Versions => position.begin(Stage::Resources)?,
            Stage::Resources => position.begin(Stage::Words)?,
            Stage::Words => return end(position, endpoint, scope),
        }
    }
}

/// Ends a complete run. Fails if an operator has to resolve conflicts of unique values.
fn end(position: Position, endpoint: &str, scope: Scope) -> Result<()> {
    let (shared, done) = (position.shared, position.done);
    position.end()?;
    ensure!(
        shared == 0,
        "{shared} conflicts of unique values, listed above. Change or delete the first resource of each, and run the \
         same command again"
    );
    let history = if scope == Scope::Restored { ", search and history" } else { " and search" };
    println!(
        "Indexes, unique values{history} are complete for all resources of {endpoint}; {done} words checked"
    );
    Ok(())
}

#[cfg(test)]
mod tests;
