//! `cargo xtask openapi`: the description of the API.

use anyhow::Result;
use api_docs::document;
use functions::{KINDS, ROUTES};
use resource_api::domain::Kinds;

use crate::local::{ALL_KINDS, Example};

/// What `openapi` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Describes more kinds: those of an example
    #[arg(long)]
    example: Option<Example>,
}

/// Prints the document.
pub(crate) fn run(options: &Options) -> Result<()> {
    let kinds = match options.example {
        None => KINDS,
        Some(Example::Shop) => *ALL_KINDS,
    };
    print!("{}", text(kinds)?);
    Ok(())
}

/// The document for these kinds, as it is printed and committed.
pub(crate) fn text(kinds: Kinds) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&document(ROUTES, kinds))?;
    text.push('\n');
    Ok(text)
}
