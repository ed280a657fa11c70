//! Checks that all files are as `cargo xtask generate` writes them, and that there is no file of an unknown
//! function.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::generate::{self, Function, Generated};

/// Files that are missing, differ, or belong to no function.
pub(super) fn faults(folder: &Path, functions: &[Function]) -> Result<Vec<String>> {
    let files = generate::files(folder, functions)?;
    let mut faults: Vec<_> = files.iter().filter_map(|file| difference(folder, file)).collect();
    let names: BTreeSet<_> = functions.iter().map(|function| function.name.to_owned()).collect();
    let modules: BTreeSet<_> = functions.iter().map(Function::module).chain(["lib".to_owned()]).collect();
    faults.extend(surplus(folder, "functions/src/bin", "rs", &names)?);
    faults.extend(surplus(folder, "functions/src", "rs", &modules)?);
    faults.extend(surplus(folder, "events", "json", &names)?);
    for module in modules {
        if !folder.join("functions/src").join(&module).with_extension("rs").is_file() {
            faults.push(format!("functions/src/{module}.rs is missing"));
        }
    }
    Ok(faults)
}

/// The first difference between a file and what is generated.
pub(super) fn difference(folder: &Path, Generated { path, text, idempotent }: &Generated) -> Option<String> {
    let Ok(found) = fs::read_to_string(folder.join(path)) else {
        return Some(format!("{path} is missing: run `cargo xtask generate`"));
    };
    if *idempotent || found == *text {
        return None;
    }
    let mut wanted = text.lines();
    for (index, line) in found.lines().enumerate() {
        let wanted = wanted.next();
        if wanted != Some(line) {
            let wanted = wanted.unwrap_or("the end of the file");
            return Some(format!(
                "{path}, line {}: found `{}`, but `cargo xtask generate` writes `{}`",
                index + 1,
                line.trim(),
                wanted.trim()
            ));
        }
    }
    Some(format!("{path} is shorter than what `cargo xtask generate` writes"))
}

/// Files of a folder that belong to no function.
fn surplus(folder: &Path, below: &str, extension: &str, names: &BTreeSet<String>) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for entry in fs::read_dir(folder.join(below)).with_context(|| format!("cannot read {below}"))? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if path.extension().is_some_and(|found| found == extension) && !names.contains(stem) {
            faults.push(format!("{below}/{stem}.{extension} belongs to no function in functions/src/lib.rs"));
        }
    }
    faults.sort();
    Ok(faults)
}
