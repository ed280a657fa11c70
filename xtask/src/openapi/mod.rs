//! `cargo xtask openapi`: prints the `OpenAPI` document, or the changes that break clients of an earlier one.

mod breaking;

use std::io::{ErrorKind, Write as _};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use api_docs::document;
use functions::{KINDS, ROUTES};
use resource_api::domain::Kinds;
use serde_json::Value;

use crate::generate::Generated;
use crate::local::{ALL_KINDS, Example, workspace};

/// The committed document.
pub(crate) const PATH: &str = "docs/openapi.json";

/// The options of `openapi`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Also describes the kinds of an example
    #[arg(long)]
    example: Option<Example>,
    /// Lists the breaking changes since docs/openapi.json at this commit or tag; exits with an error if there are any
    #[arg(long, value_name = "GIT_REF", conflicts_with = "example")]
    breaking_since: Option<String>,
}

/// Prints the document, or the breaking changes since an earlier one.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(reference) = &options.breaking_since {
        return compare(reference);
    }
    let kinds = match options.example {
        None => KINDS,
        Some(Example::Shop) => *ALL_KINDS,
    };
    match std::io::stdout().write_all(text(kinds)?.as_bytes()) {
        // The reader has closed the pipe.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// The document for these kinds, as it is printed and committed.
pub(crate) fn text(kinds: Kinds) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&document(ROUTES, kinds))?;
    text.push('\n');
    Ok(text)
}

/// The committed document, as it should be for these kinds.
pub(crate) fn file(kinds: Kinds) -> Result<Generated> {
    Ok(Generated { path: PATH.to_owned(), text: text(kinds)?, idempotent: false })
}

fn compare(reference: &str) -> Result<()> {
    let old = committed(reference)?;
    let new = serde_json::to_value(document(ROUTES, KINDS))?;
    let lines = breaking::breaking(&old, &new);
    if lines.is_empty() {
        println!("No breaking changes since {reference}");
        return Ok(());
    }
    for line in &lines {
        println!("{line}");
    }
    let changes = if lines.len() == 1 { "change" } else { "changes" };
    bail!("{} breaking {changes} since {reference}", lines.len())
}

/// The document of a commit.
fn committed(reference: &str) -> Result<Value> {
    ensure!(!reference.starts_with('-'), "{reference} is not a commit or tag");
    let object = format!("{reference}:{PATH}");
    let shown = Command::new("git").args(["show", &object]).current_dir(workspace()).output();
    let shown = shown.context("cannot run git")?;
    ensure!(
        shown.status.success(),
        "cannot read {object}: {}",
        String::from_utf8_lossy(&shown.stderr).trim()
    );
    serde_json::from_slice(&shown.stdout).with_context(|| format!("{object} is not JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_does_not_exist_is_named() {
        let error = committed("no-such-tag").unwrap_err().to_string();
        assert!(error.starts_with("cannot read no-such-tag:docs/openapi.json: "), "{error}");
        assert_eq!(committed("--output=x").unwrap_err().to_string(), "--output=x is not a commit or tag");
    }
}
