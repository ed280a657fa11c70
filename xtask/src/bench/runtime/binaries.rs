//! Builds the binaries that are compared, from copies of the sources in which the benchmark's root certificate replaces one of
//! Amazon's.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use super::certificate::Root;
use crate::local::{in_workspace, target, workspace};

/// The root certificates that the functions trust for AWS.
const ROOTS: &str = "lib/src/aws/amazon_root_certificates.pem";
const END_OF_CERTIFICATE: &str = "-----END CERTIFICATE-----\n";

/// The folder of all files that the benchmark writes.
pub(super) fn folder() -> PathBuf {
    target().join("bench")
}

/// Builds the functions of the workspace as it is, or of a commit. Returns the folder of the binaries.
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
    // Each copy has its own target directory: cargo identifies packages by their path within the workspace,
    // so in a shared directory it would use the artifacts of one copy for the other.
    let target = folder().join("target").join(name);
    cargo.arg(&target);
    for function in functions {
        cargo.args(["--bin", function]);
    }
    ensure!(cargo.status().await?.success(), "cargo build failed");
    // The binaries are copied, so that the page cache holds them all in the same way. A file that the linker
    // has just written is cached in smaller pages, and starts more slowly.
    let binaries = folder().join("binaries").join(name);
    fs::create_dir_all(&binaries)?;
    for function in functions {
        copy(&target.join("release").join(function), &binaries.join(function))?;
    }
    Ok(binaries)
}

/// Builds the bare function with the dependency versions of the workspace. Returns the path of its binary.
pub(super) async fn build_bare(root: &Root) -> Result<PathBuf> {
    let (sources, target) = (folder().join("bare-function"), folder().join("target/bare-function"));
    let files = ["Cargo.toml", "src/main.rs"].map(str::to_owned);
    sync(&workspace().join("xtask/bare-function"), &files, &sources, root)?;
    copy(&workspace().join("Cargo.lock"), &sources.join("Cargo.lock"))?;
    let mut cargo = in_workspace("cargo");
    cargo.current_dir(&sources).args(["build", "--release", "--target-dir"]).arg(&target);
    ensure!(cargo.status().await?.success(), "cargo build failed");
    let binary = folder().join("binaries/bare-function");
    fs::create_dir_all(folder().join("binaries"))?;
    copy(&target.join("release/bare-function"), &binary)?;
    Ok(binary)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if fs::exists(to)? {
        fs::remove_file(to)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// The files of the workspace that git tracks or does not ignore.
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
    ensure!(archived.success() && extracted.success(), "cannot extract the sources of {commit}");
    Ok((files, folder.to_owned()))
}

async fn lines(command: &mut Command) -> Result<Vec<String>> {
    let output = command.output().await?;
    ensure!(output.status.success(), "git failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

/// Copies these files to a folder, with the benchmark's root certificate among those of AWS. Files with the
/// same content are not written, so that cargo does not compile them again.
fn sync(from: &Path, files: &[String], to: &Path, root: &Root) -> Result<()> {
    fs::create_dir_all(to)?;
    remove_others(to, to, files)?;
    for file in files {
        // The file is deleted, but still in git's index.
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

/// Removes the files in a folder of a copy that are not among these.
fn remove_others(copy: &Path, folder: &Path, files: &[String]) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(copy, &path, files)?;
        } else if !files.iter().any(|file| path.strip_prefix(copy).is_ok_and(|path| path == Path::new(file)))
        {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The certificates with this one in place of the first, so that their number stays the same.
fn with_root(certificates: &str, root: &Root) -> Result<String> {
    let (_, others) =
        certificates.split_once(END_OF_CERTIFICATE).with_context(|| format!("{ROOTS} has no certificate"))?;
    Ok(format!("{}{others}", root.pem()))
}
