//! `cargo xtask kind new`: writes the first declaration of a kind, with its test.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::local::workspace;

/// The options of `kind`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Writes kinds/src/NAME.rs with a first declaration and its test, and prints the line that adds it to
    /// the table
    New {
        /// The name of the kind, in the plural: `projects` for /api/projects
        name: String,
        /// The name in the singular [default: the name without its s]
        #[arg(long)]
        singular: Option<String>,
    },
}

pub(crate) fn run(options: Options) -> Result<()> {
    let What::New { name, singular } = options.what;
    let singular = singular.unwrap_or_else(|| singular_of(&name));
    for word in [&name, &singular] {
        ensure!(
            is_name(word),
            "{word:?} is not a name: use at most 64 of a-z, 0-9 and -, beginning with a letter"
        );
    }
    ensure!(
        name != singular,
        "--singular must differ from the name, as in `kind new news --singular news-item`"
    );
    let module = name.replace('-', "_");
    let path = format!("kinds/src/{module}.rs");
    let file = workspace().join(&path);
    ensure!(!file.exists(), "{path} exists already");
    fs::write(&file, declaration(&name, &singular)).with_context(|| format!("cannot write {path}"))?;
    println!(
        "Wrote {path}. Add this line to the table in kinds/src/lib.rs:\n\n    {module}::{},\n\nThen run `cargo test --package kinds`. `cargo xtask dev` serves /api/{name}.",
        module.to_uppercase()
    );
    Ok(())
}

fn singular_of(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

fn is_name(word: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    word.len() <= 64 && word.starts_with(|first: char| first.is_ascii_lowercase()) && word.bytes().all(rest)
}

/// The text of the file.
fn declaration(name: &str, singular: &str) -> String {
    let constant = name.replace('-', "_").to_uppercase();
    let title = format!(
        "{}{}",
        name.chars().take(1).flat_map(char::to_uppercase).collect::<String>(),
        name.get(1..).unwrap_or_default()
    );
    format!(
        r#"//! {title}: replace this line with a description.

use resource_api::domain::{{Field, Kind, Statuses}};

/// At `/api/{name}`.
pub const {constant}: Kind = Kind::new("{name}", "{singular}")
    .fields(&[
        Field::text("name").required().trimmed().length(1, 200).searched(),
        Field::date("due_on"),
        Field::text("notes").multiline().length(0, 10_000).unlisted(),
    ])
    .statuses(Statuses::of(&["open", "done"]))
    .indexes(&["name", "due_on"]);

#[cfg(test)]
mod tests {{
    use resource_api::domain::Values;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_needed_and_enough() {{
        let values = Values::from_json(&{constant}, json!({{ "name": " First " }})).unwrap();
        let expected = json!({{ "name": "First", "due_on": null, "notes": null, "status": "open" }});
        assert_eq!(values.to_json(), expected);
        assert!(Values::from_json(&{constant}, json!({{}})).is_err());
    }}
}}
"#
    )
}
