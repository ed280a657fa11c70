//! `cargo xtask complete-restore`: prepares tables that DynamoDB has restored to a point in time for a stack.
//!
//! A restore copies items and indexes, but not the stream, the TTL, point-in-time recovery and deletion
//! protection. They are set here as in `template.yaml`. The tables of unique values, search and stored
//! responses are created if they are missing; unique values and search words are rebuilt from the restored
//! resources. Versions that the restored resources have not reached are removed from the history, and missing
//! versions are added. Existing data and settings stay, so the command can be run again.

mod settings;

use anyhow::{Context as _, Result, ensure};
use resource_api::repository::sdk::Client;
use testing::{Template, create_table};

use self::settings::{complete, describe, set_ttl, wait_until_active};
use crate::local::table_name;
use crate::reindex::{self, Scope, make_anew};

/// The tables that are restored.
const RESTORED: [&str; 2] = ["ResourcesTable", "HistoryTable"];
/// The tables that are created if they are missing.
const MADE: [&str; 3] = ["UniqueValuesTable", "SearchTable", "IdempotencyTable"];

/// The options of `complete-restore`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    reindex: reindex::Options,
}

/// Completes the tables, and prints the stack's parameters.
pub(crate) async fn run(options: Options) -> Result<()> {
    let tables = RESTORED.into_iter().chain(MADE).collect::<Vec<_>>();
    let (client, endpoint) = options.reindex.store.connect(&tables).await?;
    let template = Template::of_workspace()?;
    let parameters = prepare(&client, &template, table_name).await?;
    make_anew(&client, &endpoint, &options.reindex, Scope::Restored).await?;
    println!("\nParameters of the stack:\n{}", parameters.join(" "));
    Ok(())
}

/// Applies the settings of a template to the restored tables, and creates missing tables. Returns the stack's
/// parameters for them.
async fn prepare(client: &Client, template: &Template, name: impl Fn(&str) -> String) -> Result<Vec<String>> {
    let definition = |logical_id: &str| {
        template.tables.get(logical_id).with_context(|| format!("template.yaml has no {logical_id}"))
    };
    // All restored tables must exist before any is changed.
    for logical_id in RESTORED {
        let name = name(logical_id);
        let table = describe(client, &name).await?;
        ensure!(table.is_some(), "there is no table {name}; restore {logical_id} to it first");
    }
    let mut parameters = Vec::new();
    for logical_id in RESTORED {
        let name = name(logical_id);
        let stream = complete(client, &name, definition(logical_id)?).await;
        let stream = stream
            .with_context(|| format!("cannot apply the settings of {logical_id} to the table {name}"))?;
        println!("{name}: has the settings of {logical_id} in template.yaml");
        parameters.push(format!("{logical_id}Name={name}"));
        parameters.extend(stream.map(|arn| format!("{logical_id}StreamArn={arn}")));
    }
    for logical_id in MADE {
        let name = name(logical_id);
        let definition = definition(logical_id)?;
        let made = create_table(client, &name, definition).await;
        let made = made.with_context(|| format!("cannot create {name}"))?;
        wait_until_active(client, &name).await?;
        set_ttl(client, &name, definition).await?;
        println!("{name}: {}", if made { "created" } else { "exists" });
        parameters.push(format!("{logical_id}Name={name}"));
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests;
