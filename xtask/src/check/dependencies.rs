//! Checks that the functions that `cargo xtask dev` builds use their dependencies with the same features as
//! xtask. Otherwise cargo compiles such a dependency, and all that depend on it, twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::dev::DEVELOPMENT;

/// Dependencies that have other features in the functions than in xtask.
pub(super) fn faults(folder: &Path) -> Result<Vec<String>> {
    let commands = features(folder, &["--package", "xtask"])?;
    let functions = features(folder, &["--package", "functions", "--features", DEVELOPMENT])?;
    let differs = |(package, features): (&String, &BTreeSet<String>)| {
        let other = commands.get(package)?;
        (other != features).then(|| {
            format!(
                "{package} is compiled twice: with the features {features:?} for the functions, {other:?} for xtask; \
                 add the features that differ to testing/Cargo.toml"
            )
        })
    };
    Ok(functions.iter().filter_map(differs).collect())
}

/// The features of each dependency in a build with these arguments of cargo.
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
            // A package may be compiled for a build script and for a function, with different features.
            features.entry(package.to_owned()).or_default().insert(list.to_owned());
        }
    }
    Ok(features)
}
