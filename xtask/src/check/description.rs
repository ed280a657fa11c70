//! Checks that the committed `OpenAPI` document agrees with the declarations of the kinds that it describes.

use std::path::Path;

use anyhow::{Context as _, Result};
use resource_api::domain::{Field, Kind, Kinds};
use serde_json::Value;

use super::generated::difference;
use crate::generate::read;
use crate::openapi::{self, PATH};

/// The first difference between the document and the declarations of the kinds that it describes.
pub(super) fn faults(folder: &Path, served: Kinds) -> Result<Vec<String>> {
    let (described, others) = split(folder, served)?;
    // A kind that refers to a kind that is not described has changed, too.
    let refers = |kind: &&Kind| {
        let targets = kind.fields.iter().filter_map(Field::refers_to);
        targets.into_iter().any(|target| others.iter().any(|other| other.name == target))
    };
    let kinds = if described.iter().any(refers) { served } else { Kinds::of(described.leak()) };
    Ok(difference(folder, &openapi::file(kinds)?).into_iter().collect())
}

/// A warning for each served kind that the document does not describe.
pub(super) fn not_described(folder: &Path, served: Kinds) -> Result<Vec<String>> {
    let (_, others) = split(folder, served)?;
    let say = |kind: &&Kind| format!("{} is not in {PATH}: run `cargo xtask generate`", kind.name);
    Ok(others.iter().map(say).collect())
}

/// The kinds that the document describes, each with its own tag, and the others.
fn split(folder: &Path, served: Kinds) -> Result<(Vec<&'static Kind>, Vec<&'static Kind>)> {
    let document: Value = serde_json::from_str(&read(folder, PATH)?).context(PATH)?;
    let tags = document["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(served.iter().partition(|kind| tags.iter().any(|tag| tag["name"] == kind.name)))
}
