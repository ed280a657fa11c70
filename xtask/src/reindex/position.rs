//! How far a reindexing has come, kept so that it can be taken up.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::{fs, io};

use anyhow::{Context as _, Result};
use resource_api::repository::sdk::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::local::target;

/// What is gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    Resources,
    Words,
}

impl Stage {
    /// What there are many of.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Resources => "resources",
            Self::Words => "words",
        }
    }
}

/// Where a reindexing of some tables is.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    endpoint: String,
    tables: [String; 2],
    pub(super) stage: Stage,
    /// How many items of the stage are done.
    pub(super) done: u64,
    /// The key of the last of them, all of whose attributes are text.
    key: BTreeMap<String, String>,
}

impl Position {
    /// Where the last one was left, if it was of the same tables; otherwise the beginning.
    pub(super) fn load(endpoint: &str, tables: [String; 2], from_start: bool) -> Result<Self> {
        let start = Self {
            endpoint: endpoint.to_owned(),
            tables,
            stage: Stage::Resources,
            done: 0,
            key: BTreeMap::new(),
        };
        let file = file();
        let left = match fs::read(&file) {
            Ok(left) => left,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(start),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        let left: Self = serde_json::from_slice(&left)
            .with_context(|| format!("{} is no position; delete it", file.display()))?;
        let same = left.endpoint == start.endpoint && left.tables == start.tables;
        Ok(if same && !from_start { left } else { start })
    }

    /// The key behind which it goes on.
    pub(super) fn key(&self) -> Option<HashMap<String, AttributeValue>> {
        let text = |(name, value): (&String, &String)| (name.clone(), AttributeValue::S(value.clone()));
        (!self.key.is_empty()).then(|| self.key.iter().map(text).collect())
    }

    /// So many more are done, up to the item with a key.
    pub(super) fn advance(&mut self, key: Option<HashMap<String, AttributeValue>>, count: u64) -> Result<()> {
        self.key.clear();
        for (name, value) in key.into_iter().flatten() {
            let text = value.as_s().ok().cloned().context("a key is no text")?;
            self.key.insert(name, text);
        }
        self.done += count;
        self.save()
    }

    /// Another stage begins.
    pub(super) fn begin(&mut self, stage: Stage) -> Result<()> {
        self.stage = stage;
        self.done = 0;
        self.key.clear();
        self.save()
    }

    /// There is nothing to take up any more.
    pub(super) fn end() -> Result<()> {
        fs::remove_file(file()).context("cannot remove the position")
    }

    fn save(&self) -> Result<()> {
        let file = file();
        let save = || -> Result<()> {
            fs::create_dir_all(target())?;
            Ok(fs::write(&file, serde_json::to_vec(self)?)?)
        };
        save().with_context(|| format!("cannot write {}", file.display()))
    }
}

fn file() -> PathBuf {
    target().join("reindex.json")
}
