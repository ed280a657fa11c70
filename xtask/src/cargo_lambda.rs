//! Finds the program `cargo-lambda`, or fetches it into the target folder.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use tokio::process::Command;

use crate::local::target;

/// The version that is fetched from PyPI, and the oldest that is accepted.
const VERSION: Version = [1, 9, 2];

type Version = [u32; 3];

/// The installed `cargo-lambda` if it is not too old, else a fetched one.
///
/// # Errors
/// When it cannot be fetched.
pub(crate) async fn find_or_fetch() -> Result<PathBuf> {
    let wanted = VERSION.map(|part| part.to_string()).join(".");
    let folder = target().join(format!("cargo-lambda-{wanted}"));
    let fetched = folder.join("bin/cargo-lambda");
    let own = version(Path::new("cargo-lambda")).await;
    if own.is_some_and(|own| own >= VERSION) {
        return Ok(PathBuf::from("cargo-lambda"));
    }
    if version(&fetched).await.is_some() {
        return Ok(fetched);
    }
    let missing = own.map_or_else(
        || "cargo-lambda is not installed".to_owned(),
        |own| format!("the installed cargo-lambda {} is too old", own.map(|part| part.to_string()).join(".")),
    );
    println!("{missing}; fetching version {wanted} from PyPI into {}", folder.display());
    let pip = Command::new("python3")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--root-user-action=ignore",
            // Zig, which only `cargo lambda build` needs, takes 300 MB.
            "--no-deps",
            "--target",
        ])
        .arg(&folder)
        .arg(format!("cargo-lambda=={wanted}"))
        .output()
        .await;
    let reason = match pip {
        Ok(output) if output.status.success() && version(&fetched).await.is_some() => return Ok(fetched),
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned(),
        Err(error) => format!("python3: {error}"),
    };
    bail!(
        "cannot fetch cargo-lambda from PyPI ({reason}); install version {wanted} or later: https://www.cargo-lambda.info"
    )
}

/// The version of a `cargo-lambda`; `None` if it does not run.
async fn version(program: &Path) -> Option<Version> {
    let output = Command::new(program).args(["lambda", "--version"]).output().await.ok()?;
    parse(&String::from_utf8_lossy(&output.stdout)).filter(|_| output.status.success())
}

/// Reads `cargo-lambda 1.9.2 (67129fc 2026-08-21Z)`.
fn parse(text: &str) -> Option<Version> {
    let mut parts = text.split_whitespace().nth(1)?.split(['.', '-']).map(|part| part.parse().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_version_is_read() {
        assert_eq!(parse("cargo-lambda 1.9.2 (67129fc 2026-08-21Z)"), Some([1, 9, 2]));
        assert_eq!(parse("cargo-lambda 1.10.0-rc.1"), Some([1, 10, 0]));
        assert_eq!(parse("error: no such command"), None);
    }
}
