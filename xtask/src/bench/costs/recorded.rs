//! What the operations took when `docs/costs.md` was written: what CI compares with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use super::count::Counted;
use crate::bench::lambda::{binary, sizes};
use crate::local::workspace;

/// The functions whose size is compared.
const SIZED: [&str; 3] = ["get-resource", "list-resources", "create-resource"];
/// By how much a binary may grow.
const GROWTH: f64 = 1.10;

/// The file, `docs/costs.json`.
#[derive(Serialize, Deserialize)]
pub(super) struct Recorded {
    /// By the operation's name.
    operations: BTreeMap<String, Work>,
    /// The size of each function's binary in its deployment package, without link-time optimization, in bytes.
    zipped: BTreeMap<String, usize>,
}

/// Calls of DynamoDB and capacity units of one operation.
#[derive(Serialize, Deserialize)]
struct Work {
    calls: f64,
    read_units: f64,
    write_units: f64,
}

impl Recorded {
    /// What was counted now.
    pub(super) fn of<'a>(
        operations: impl Iterator<Item = (&'a str, Counted)>,
        binaries: &Path,
    ) -> Result<Self> {
        let work = |counted: Counted| Work {
            calls: counted.calls,
            read_units: counted.read_units,
            write_units: counted.write_units,
        };
        let size = |name: &&str| Ok(((*name).to_owned(), sizes(&binary(binaries, name)?)?.1));
        Ok(Self {
            operations: operations.map(|(name, counted)| (name.to_owned(), work(counted))).collect(),
            zipped: SIZED.iter().map(size).collect::<Result<_>>()?,
        })
    }

    /// Replaces the file.
    pub(super) fn write(&self) -> Result<()> {
        fs::write(file(), serde_json::to_string_pretty(self)? + "\n")?;
        Ok(())
    }

    /// Fails where an operation takes more than the file says, or a binary is a tenth larger.
    pub(super) fn compare(&self) -> Result<()> {
        let text = fs::read_to_string(file()).context("docs/costs.json is missing: --write makes it")?;
        let recorded: Self = serde_json::from_str(&text)?;
        let mut faults = Vec::new();
        for (name, now) in &self.operations {
            let Some(then) = recorded.operations.get(name) else {
                faults.push(format!("{name}: not in docs/costs.json"));
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
            "dearer than docs/costs.json says:\n{}\nIf it is worth it, `cargo xtask bench costs --write` records it.",
            faults.join("\n")
        );
        Ok(())
    }
}

fn file() -> PathBuf {
    workspace().join("docs/costs.json")
}
