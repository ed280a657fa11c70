//! The program `cargo-lambda`: the machine's own, or one that is fetched into the target folder.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::local::target;

/// The version that is fetched, from PyPI.
const VERSION: &str = "1.9.2";

/// A `cargo-lambda` that runs.
///
/// # Errors
/// When the machine has none and it cannot be fetched.
pub(crate) async fn find_or_fetch() -> Result<PathBuf> {
    let folder = target().join(format!("cargo-lambda-{VERSION}"));
    let fetched = folder.join("bin/cargo-lambda");
    for program in [PathBuf::from("cargo-lambda"), fetched.clone()] {
        if runs(&program).await {
            return Ok(program);
        }
    }
    println!(
        "This machine has no cargo-lambda; fetching version {VERSION} from PyPI into {}",
        folder.display()
    );
    let pip = Command::new("python3")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--root-user-action=ignore",
            "--target",
        ])
        .arg(&folder)
        .arg(format!("cargo-lambda=={VERSION}"))
        .output()
        .await;
    let reason = match pip {
        Ok(output) if output.status.success() && runs(&fetched).await => return Ok(fetched),
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned(),
        Err(error) => format!("python3: {error}"),
    };
    bail!("cannot get cargo-lambda from PyPI ({reason}); install it yourself: cargo-lambda.info")
}

async fn runs(program: &PathBuf) -> bool {
    let mut command = Command::new(program);
    command.args(["lambda", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}
