//! The binaries that are compared: built from copies of the sources, which trust the benchmark's own certificate instead of
//! one of Amazon's.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use super::certificate::Root;
use crate::local::{in_workspace, target, workspace};

/// Where the roots of AWS's certificates are.
const ROOTS: &str = "lib/src/aws/amazon_root_certificates.pem";
const END_OF_CERTIFICATE: &str = "-----END CERTIFICATE-----\n";

/// Everything that the benchmark makes.
pub(super) fn folder() -> PathBuf {
    target().join("bench")
}

/// Builds the functions of the workspace as it is, or of a commit. Gives the folder of the binaries.
pub(super) async fn build(commit: Option<&str>, functions: &BTreeSet<&str>, root: &Root) -> Result<PathBuf> {
    let name = if commit.is_some() { "against" } else { "current" };
    let sources = folder().join(name);
    match commit {
        None => sync(&workspace(), &files().await?, &sources, root)?,
        Some(commit) => {
            let archive = folder().join("archive");
            let (files, tree) = extract(commit, &archive).await?;
            sync(&tree, &files, &sources, root)?;
        }
    }
    let mut cargo = in_workspace("cargo");
    cargo.current_dir(&sources).args(["build", "--release", "--package", "functions", "--target-dir"]);
    // One for each: in the same folder, cargo takes the packages of two copies for the same, and mixes them.
    let target = folder().join("target").join(name);
    cargo.arg(&target);
    for function in functions {
        cargo.args(["--bin", function]);
    }
    ensure!(cargo.status().await?.success(), "cargo build failed");
    // Copies, for the pages of a file that the linker wrote are not cached as those of one that was copied: its cold starts
    // take up to 30 ms longer.
    let binaries = folder().join("binaries").join(name);
    fs::create_dir_all(&binaries)?;
    for function in functions {
        copy(&target.join("release").join(function), &binaries.join(function))?;
    }
    Ok(binaries)
}

/// Builds the bare function. Gives its binary.
pub(super) async fn build_bare() -> Result<PathBuf> {
    let mut cargo = in_workspace("cargo");
    cargo.args(["build", "--release", "--manifest-path", "xtask/bare-function/Cargo.toml", "--target-dir"]);
    cargo.arg(folder().join("bare"));
    ensure!(cargo.status().await?.success(), "cargo build failed");
    let binary = folder().join("binaries/bare-function");
    fs::create_dir_all(folder().join("binaries"))?;
    copy(&folder().join("bare/release/bare-function"), &binary)?;
    Ok(binary)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if fs::exists(to)? {
        fs::remove_file(to)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// The files of the workspace that git knows, or would.
async fn files() -> Result<Vec<String>> {
    let mut git = in_workspace("git");
    lines(git.args(["ls-files", "--cached", "--others", "--exclude-standard"])).await
}

/// The files of a commit, in a folder.
async fn extract(commit: &str, folder: &Path) -> Result<(Vec<String>, PathBuf)> {
    let files = lines(in_workspace("git").args(["ls-tree", "-r", "--name-only", commit])).await?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let tar = folder.join("sources.tar");
    let archived = in_workspace("git").args(["archive", "--output"]).arg(&tar).arg(commit).status().await?;
    let extracted = Command::new("tar").arg("-xf").arg(&tar).arg("-C").arg(folder).status().await?;
    ensure!(archived.success() && extracted.success(), "the sources of {commit} were not extracted");
    Ok((files, folder.to_owned()))
}

async fn lines(command: &mut Command) -> Result<Vec<String>> {
    let output = command.output().await?;
    ensure!(output.status.success(), "git failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

/// Copies files that differ, so that cargo compiles no others; with the benchmark's root among AWS's.
fn sync(from: &Path, files: &[String], to: &Path, root: &Root) -> Result<()> {
    for file in files {
        // What was removed and not committed yet.
        let Ok(mut content) = fs::read(from.join(file)) else { continue };
        if file == ROOTS {
            content = with_root(&String::from_utf8(content)?, root)?.into_bytes();
        }
        let copy = to.join(file);
        if fs::read(&copy).is_ok_and(|present| present == content) {
            continue;
        }
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(copy, content)?;
    }
    Ok(())
}

/// The certificates, with this one instead of the first: as many as there were.
fn with_root(certificates: &str, root: &Root) -> Result<String> {
    let (_, others) = certificates.split_once(END_OF_CERTIFICATE).context("there is no certificate")?;
    Ok(format!("{}{others}", root.pem()))
}
