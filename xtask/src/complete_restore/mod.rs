//! `cargo xtask complete-restore`: makes tables that DynamoDB has restored to a point in time ready for a stack.
//!
//! A restore copies items and indexes. It leaves out the stream, the TTL, point-in-time recovery and deletion protection, which are set
//! here as `template.yaml` says. Unique values and words of the restored resources are made anew, in tables that are created where there
//! are none, as is the one of stored responses. The history loses the versions that the resources have not reached, and gets those
//! that it does not have yet. Whatever is there already stays, so that the command can be run again.

mod settings;

use anyhow::{Context as _, Result, ensure};
use resource_api::repository::sdk::Client;
use testing::{Template, create_table};

use self::settings::{complete, describe, set_ttl, wait_until_active};
use crate::local::table_name;
use crate::reindex::{self, Scope, make_anew};

/// The tables that are restored.
const RESTORED: [&str; 2] = ["ResourcesTable", "HistoryTable"];
/// The tables that are made anew where there are none.
const MADE: [&str; 3] = ["UniqueValuesTable", "SearchTable", "IdempotencyTable"];

/// What `complete-restore` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    reindex: reindex::Options,
}

/// Completes the tables, and prints what the stack has to be given.
pub(crate) async fn run(options: Options) -> Result<()> {
    let tables = RESTORED.into_iter().chain(MADE).collect::<Vec<_>>();
    let (client, endpoint) = options.reindex.store.connect(&tables).await?;
    let template = Template::of_workspace()?;
    let parameters = prepare(&client, &template, table_name).await?;
    make_anew(&client, &endpoint, &options.reindex, Scope::Restored).await?;
    println!("\nParameters of the stack:\n{}", parameters.join(" "));
    Ok(())
}

/// Gives the tables the settings of a template, and creates those that are made anew. Returns the stack's parameters for them.
async fn prepare(client: &Client, template: &Template, name: impl Fn(&str) -> String) -> Result<Vec<String>> {
    let definition = |logical_id: &str| {
        template.tables.get(logical_id).with_context(|| format!("template.yaml has no {logical_id}"))
    };
    // Nothing is changed before all are known to be what they should be.
    for logical_id in RESTORED {
        let name = name(logical_id);
        let table = describe(client, &name).await?;
        ensure!(table.is_some(), "there is no table {name}; restore {logical_id} to it first");
    }
    let mut parameters = Vec::new();
    for logical_id in RESTORED {
        let name = name(logical_id);
        let stream = complete(client, &name, definition(logical_id)?).await;
        let stream = stream.with_context(|| format!("cannot complete {name}"))?;
        println!("{name}: as {logical_id} is in template.yaml");
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
        println!("{name}: {}", if made { "created" } else { "was there" });
        parameters.push(format!("{logical_id}Name={name}"));
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests;
