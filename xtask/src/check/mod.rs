//! `cargo xtask check`: compares everything that names a function with the tables in `functions/src/lib.rs`.
//! Also checks that the template's tables can be updated in place, that its alarms and dashboard use existing
//! metrics, the declarations of the kinds, the features of dependencies, and the links and commands of the
//! documentation.

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
use crate::shell_blocks;

/// The options of `check`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Accepts the current keys, indexes and projections of the template's tables: before the first
    /// deployment, or to add or remove one index
    #[arg(long)]
    accept_tables: bool,
    /// Accepts the current indexes, statuses and types of the kinds: before the first deployment of a kind,
    /// or after additions to one
    #[arg(long)]
    accept_kinds: bool,
}

/// Runs all checks, and prints every disagreement.
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
    faults.extend(shell_blocks::faults(&workspace())?);
    faults.extend(api_docs::collisions(ROUTES, *ALL_KINDS));
    if faults.is_empty() {
        println!(
            "{} routes and {} subscriptions checked: all files agree with their tables, and the kinds are compatible with stored data",
            ROUTES.len(),
            SUBSCRIPTIONS.len()
        );
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    bail!("{} {}", faults.len(), if faults.len() == 1 { "fault" } else { "faults" })
}

/// Every disagreement of a workspace with a table of functions. A file that cannot be read counts as one.
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
