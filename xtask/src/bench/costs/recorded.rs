//! What the operations consumed when `docs/costs.md` was written. CI compares with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use super::count::Counted;
use crate::bench::counting_store::Used;
use crate::bench::lambda::{binary, sizes};
use crate::local::workspace;

/// The functions whose size is compared.
const SIZED: [&str; 3] = ["get-resource", "list-resources", "create-resource"];
/// The factor by which a binary may grow.
const GROWTH: f64 = 1.10;

/// The file, `docs/costs.json`.
#[derive(Serialize, Deserialize)]
pub(super) struct Recorded {
    /// By the operation's name.
    operations: BTreeMap<String, Used>,
    /// The size of each function's binary in its deployment package, without link-time optimization, in bytes.
    zipped: BTreeMap<String, usize>,
}

impl Recorded {
    /// The operations as counted now.
    pub(super) fn of<'a>(
        operations: impl Iterator<Item = (&'a str, Counted)>,
        binaries: &Path,
    ) -> Result<Self> {
        let size = |name: &&str| Ok(((*name).to_owned(), sizes(&binary(binaries, name)?)?.1));
        Ok(Self {
            operations: operations.map(|(name, counted)| (name.to_owned(), counted.used)).collect(),
            zipped: SIZED.iter().map(size).collect::<Result<_>>()?,
        })
    }

    /// Replaces the file.
    pub(super) fn write(&self) -> Result<()> {
        fs::write(file(), serde_json::to_string_pretty(self)? + "\n")?;
        Ok(())
    }

    /// Fails if an operation consumes more than the file permits, or a package has grown by more than a tenth.
    pub(super) fn compare(&self) -> Result<()> {
        let text = fs::read_to_string(file())
            .context("cannot read docs/costs.json; `cargo xtask bench costs --write` creates it")?;
        let recorded: Self = serde_json::from_str(&text)?;
        let mut faults = Vec::new();
        for (name, now) in &self.operations {
            let Some(then) = recorded.operations.get(name) else {
                faults.push(format!("{name}: missing in docs/costs.json"));
                continue;
            };
            for (what, now, then) in [
                ("calls", now.calls, then.calls),
                ("read units", now.read_units, then.read_units),
                ("write units", now.write_units, then.write_units),
            ] {
                if now > then {
                    faults.push(format!("{name}: {now} {what} instead of {then}"));
                }
            }
        }
        for (name, now) in &self.zipped {
            let then = recorded.zipped.get(name).copied().unwrap_or_default();
            #[expect(clippy::cast_precision_loss, reason = "a few million")]
            if *now as f64 > then as f64 * GROWTH {
                faults.push(format!("{name}: {now} bytes in its package instead of {then}"));
            }
        }
        ensure!(
            faults.is_empty(),
            "more than docs/costs.json permits:\n{}\nTo accept it, run `cargo xtask bench costs --write`.",
            faults.join("\n")
        );
        Ok(())
    }
}

fn file() -> PathBuf {
    workspace().join("docs/costs.json")
}
