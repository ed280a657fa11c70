//! Runs the commands of the documentation against a running `dev`.

use std::process::Output;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use super::dev::Dev;
use crate::local::{in_workspace, workspace};
use crate::shell_blocks::{self, Block, Test};

/// The URL of `dev` in the pages.
const URL: &str = "http://localhost:9000";
/// A part of each response that reports an error.
const ERROR: &str = r#""success":false"#;
/// The commands that take the port of the embedded DynamoDB.
const WITH_PORT: [&str; 6] = ["seed", "export", "import", "api-key create", "api-key list", "api-key revoke"];

/// The blocks of commands that have not been run yet.
pub(super) struct Documentation {
    left: Vec<Block>,
}

impl Documentation {
    /// Reads all blocks that are declared to be run here.
    pub(super) fn read() -> Result<Self> {
        let mut left = shell_blocks::blocks(&workspace())?;
        left.retain(|block| block.test() == Some(Test::EndToEnd));
        Ok(Self { left })
    }

    /// The next block under a heading of a page.
    pub(super) fn take(&mut self, page: &str, heading: &str) -> Result<String> {
        let place = self.left.iter().position(|block| block.page == page && block.heading == heading);
        let place = place.with_context(|| format!("{page} has no more commands under {heading}"))?;
        Ok(self.left.remove(place).commands)
    }

    /// Runs the next block under a heading of a page. Checks that the output contains these texts, and so
    /// many responses that report an error.
    pub(super) async fn run(
        &mut self,
        dev: &Dev,
        (page, heading): (&str, &str),
        errors: usize,
        wanted: &[&str],
    ) -> Result<()> {
        let output = script(dev, &self.take(page, heading)?).output().await?;
        expect(&output, wanted).with_context(|| format!("{page}, {heading}"))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let found = printed.matches(ERROR).count();
        ensure!(found == errors, "{page}, {heading}: {found} errors, expected {errors}: {printed}");
        Ok(())
    }

    /// Checks that every block has been run.
    pub(super) fn finish(self) -> Result<()> {
        let left: Vec<_> = self.left.iter().map(|Block { page, heading, .. }| (page, heading)).collect();
        ensure!(left.is_empty(), "commands of the documentation were not run: {left:?}");
        Ok(())
    }
}

/// Bash with these commands, with the ports of `dev` instead of the default ones.
pub(super) fn script(dev: &Dev, commands: &str) -> Command {
    let mut commands = commands.replace(URL, &dev.url());
    for command in WITH_PORT {
        let command = format!("cargo xtask {command}");
        commands = commands.replace(&command, &format!("{command} --dynamodb-port {}", dev.ports[1]));
    }
    let mut bash = in_workspace("bash");
    bash.args(["-c", &format!("set -euo pipefail\n{commands}")]);
    bash
}

/// Checks that commands succeeded, and that their output contains these texts.
pub(super) fn expect(output: &Output, wanted: &[&str]) -> Result<()> {
    let [printed, errors] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    let missing: Vec<_> = wanted.iter().filter(|part| !printed.contains(**part)).collect();
    ensure!(
        output.status.success() && missing.is_empty(),
        "{}, the output lacks {missing:?}: {printed}\n{errors}",
        output.status
    );
    Ok(())
}
