//! `cargo xtask generate`: writes files and parts of files from the tables in `functions/src/lib.rs`, and the
//! `OpenAPI` document. `cargo xtask check` compares them.

mod binaries;
mod dashboard;
mod events;
mod exceptions;
mod functions;
mod policies;
pub(crate) mod region;
mod router;
mod template;
mod variables;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use api_docs::problem_table;
use kinds::KINDS;
use resource_api::telemetry::metrics::{METRICS, Metric};

pub(crate) use self::functions::{Function, Trigger};
pub(crate) use self::template::ROUTE_POLICY;
use crate::local::workspace;
use crate::openapi;

/// The page with the table of problem types.
const API: &str = "docs/api.md";

/// The page with the table of environment variables.
const CONFIGURATION: &str = "docs/configuration.md";

/// The page with the table of metrics.
const OPERATIONS: &str = "docs/operations.md";

/// A file that is generated as a whole or in part.
pub(crate) struct Generated {
    /// The path within the workspace.
    pub(crate) path: String,
    /// The text of the whole file.
    pub(crate) text: String,
    /// Whether the file is written only if it is missing, so that it can be edited by hand.
    pub(crate) idempotent: bool,
}

/// Writes every file that is missing or differs, and prints its path.
pub(crate) fn run() -> Result<()> {
    write(&workspace(), &Function::all())
}

/// Writes the generated files of these functions, and the `OpenAPI` document, into a workspace.
pub(crate) fn write(folder: &Path, functions: &[Function]) -> Result<()> {
    for Generated { path, text, idempotent } in
        files(folder, functions)?.into_iter().chain([openapi::file(KINDS)?])
    {
        let file = folder.join(&path);
        let found = fs::read_to_string(&file).ok();
        if found.as_ref() == Some(&text) || (idempotent && found.is_some()) {
            continue;
        }
        fs::write(&file, text).with_context(|| format!("cannot write {path}"))?;
        println!("wrote {path}");
    }
    Ok(())
}

/// The generated files of these functions, as they should be in a workspace.
///
/// # Errors
/// When a file that is generated in part cannot be read, or the template cannot set a variable that a
/// function reads.
pub(crate) fn files(folder: &Path, functions: &[Function]) -> Result<Vec<Generated>> {
    let mut files = vec![template::file(folder, functions)?, router::file(folder, functions)?];
    files.extend(functions.iter().map(binaries::file));
    files.extend(functions.iter().map(events::file));
    for (page, name, table) in [
        (API, "problem types", problem_table()),
        (CONFIGURATION, "variables", variables::table(functions)?),
        (OPERATIONS, "metrics", metric_table()),
    ] {
        let text = region::replace(&read(folder, page)?, name, &table).context(page)?;
        files.push(Generated { path: page.to_owned(), text, idempotent: false });
    }
    Ok(files)
}

/// The metrics as a table.
fn metric_table() -> String {
    let mut table = "| metric | unit | meaning |\n| --- | --- | --- |\n".to_owned();
    for Metric { name, unit, meaning } in METRICS {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| `{name}` | {unit} | {meaning} |");
    }
    table
}

/// Reads a file of a workspace.
pub(crate) fn read(folder: &Path, path: &str) -> Result<String> {
    let file = folder.join(path);
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}
