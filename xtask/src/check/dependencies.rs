//! The functions that `cargo xtask dev` builds are made of the same dependencies as the developer's commands: with other
//! features of one, cargo would compile it again, and all that needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::dev::DEVELOPMENT;

/// Dependencies that have other features in the functions than in the developer's commands.
pub(super) fn faults(folder: &Path) -> Result<Vec<String>> {
    let commands = features(folder, &["--package", "xtask"])?;
    let functions = features(folder, &["--package", "functions", "--features", DEVELOPMENT])?;
    let differs = |(package, features): (&String, &BTreeSet<String>)| {
        let other = commands.get(package)?;
        (other != features).then(|| {
            format!(
                "{package} would be compiled twice: with the features {features:?} for the functions, {other:?} for \
                 xtask; let the crate `testing` ask for those that differ"
            )
        })
    };
    Ok(functions.iter().filter_map(differs).collect())
}

/// The features of each dependency, where the commands that these arguments choose are compiled.
fn features(folder: &Path, arguments: &[&str]) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .args(["tree", "--locked", "--edges", "normal,build", "--prefix", "none", "--format", "{p}|{f}|"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .context("cannot run cargo tree")?;
    ensure!(tree.status.success(), "cargo tree: {}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8_lossy(&tree.stdout);
    let mut features: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        let mut parts = line.split('|');
        if let (Some(package), Some(list)) = (parts.next(), parts.next()) {
            // A package may be compiled for a build script and for a function, each with features of its own.
            features.entry(package.to_owned()).or_default().insert(list.to_owned());
        }
    }
    Ok(features)
}
