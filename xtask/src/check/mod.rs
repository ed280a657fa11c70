//! `cargo xtask check`: everything that names a function, held against the tables in `functions/src/lib.rs`; and the tables
//! of the template, held against what a deployment freezes; and its alarms and dashboard, against the metrics that there
//! are; and the declarations of the kinds; and the features of dependencies; and the links of the documentation.

mod dependencies;
mod description;
mod events;
mod frozen;
mod generated;
mod kinds;
mod links;
mod operations;
mod policies;

use std::path::Path;

use ::kinds::KINDS;
use anyhow::{Result, bail};
use functions::{ROUTES, SUBSCRIPTIONS};
use resource_api::domain::declaration_warnings;

use crate::generate::Function;
use crate::local::{ALL_KINDS, workspace};

/// What `check` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Accepts the keys, indexes and projections of the template's tables as they are now: before the first deployment, or
    /// for one index more or less
    #[arg(long)]
    accept_tables: bool,
    /// Accepts the indexes, statuses and types of the kinds as they are now: before a kind is first deployed, or for what
    /// was added to one
    #[arg(long)]
    accept_kinds: bool,
}

/// Checks everything, and names every disagreement.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.accept_tables {
        frozen::accept(&workspace())?;
    }
    if options.accept_kinds {
        kinds::accept(&workspace(), KINDS)?;
    }
    let not_frozen = kinds::not_frozen(&workspace(), KINDS)?;
    let not_described = description::not_described(&workspace(), KINDS)?;
    for warning in declaration_warnings(*ALL_KINDS).into_iter().chain(not_frozen).chain(not_described) {
        eprintln!("warning: kinds/src: {warning}");
    }
    let mut faults = faults(&workspace(), &Function::all());
    faults.extend(dependencies::faults(&workspace())?);
    faults.extend(links::faults(&workspace())?);
    faults.extend(api_docs::collisions(ROUTES, *ALL_KINDS));
    if faults.is_empty() {
        println!(
            "{} routes and {} subscriptions checked: handlers, binaries, router, template, IAM policies, events and docs/openapi.json agree. The declarations of the kinds are compatible with stored data",
            ROUTES.len(),
            SUBSCRIPTIONS.len()
        );
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    bail!("{} disagreements", faults.len())
}

/// Every disagreement of a workspace with a table of functions. What cannot be compared is one, too.
fn faults(folder: &Path, functions: &[Function]) -> Vec<String> {
    let faults = [
        generated::faults(folder, functions),
        policies::faults(folder, functions),
        operations::faults(folder),
        events::faults(folder, functions),
        frozen::faults(folder),
        kinds::faults(folder, KINDS, *ALL_KINDS),
        description::faults(folder, KINDS),
    ];
    faults.into_iter().flat_map(|faults| faults.unwrap_or_else(|error| vec![format!("{error:#}")])).collect()
}

#[cfg(test)]
mod tests;
