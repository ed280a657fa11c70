//! How far a reindexing has come, kept so that it can be taken up.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::{fs, io};

use anyhow::{Context as _, Result, bail};
use resource_api::repository::sdk::types::AttributeValue;
use serde::{Deserialize, Serialize};

/// What is gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    UniqueValues,
    Versions,
    Resources,
    Words,
}

impl Stage {
    /// What there are many of.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::UniqueValues => "unique values",
            Self::Resources => "resources",
            Self::Words => "words",
            Self::Versions => "versions",
        }
    }
}

/// An attribute of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum KeyValue {
    Text(String),
    Number { number: String },
}

/// Where a reindexing of some tables is.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Where it is kept.
    #[serde(skip)]
    file: PathBuf,
    endpoint: String,
    tables: Vec<String>,
    /// What the kinds declared.
    declared: String,
    pub(super) stage: Stage,
    /// How many unique values are shared, of those that were looked at.
    pub(super) shared: u64,
    /// How many items of the stage are done.
    pub(super) done: u64,
    /// The key of the last of them: texts, and of a version also a number.
    key: BTreeMap<String, KeyValue>,
}

impl Position {
    /// Where the last one was left, as a file says, if it was of the same tables and declarations; otherwise the beginning.
    pub(super) fn load(
        file: PathBuf,
        endpoint: &str,
        tables: Vec<String>,
        declared: String,
        from_start: bool,
    ) -> Result<Self> {
        let left = match fs::read(&file) {
            Ok(left) => Some(left),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        if let Some(left) = left.filter(|_| !from_start) {
            let left: Self = serde_json::from_slice(&left)
                .with_context(|| format!("{} is no position; delete it", file.display()))?;
            if left.endpoint == endpoint && left.tables == tables && left.declared == declared {
                return Ok(Self { file, ..left });
            }
        }
        let endpoint = endpoint.to_owned();
        Ok(Self {
            file,
            endpoint,
            tables,
            declared,
            stage: Stage::UniqueValues,
            shared: 0,
            done: 0,
            key: BTreeMap::new(),
        })
    }

    /// The key behind which it goes on.
    pub(super) fn key(&self) -> Option<HashMap<String, AttributeValue>> {
        let attribute = |(name, value): (&String, &KeyValue)| {
            let value = match value.clone() {
                KeyValue::Text(text) => AttributeValue::S(text),
                KeyValue::Number { number } => AttributeValue::N(number),
            };
            (name.clone(), value)
        };
        (!self.key.is_empty()).then(|| self.key.iter().map(attribute).collect())
    }

    /// So many more are done, up to the item with a key.
    pub(super) fn advance(&mut self, key: Option<HashMap<String, AttributeValue>>, count: u64) -> Result<()> {
        self.key.clear();
        for (name, value) in key.into_iter().flatten() {
            let value = match value {
                AttributeValue::S(text) => KeyValue::Text(text),
                AttributeValue::N(number) => KeyValue::Number { number },
                _ => bail!("a key is neither a text nor a number"),
            };
            self.key.insert(name, value);
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
    pub(super) fn end(self) -> Result<()> {
        fs::remove_file(&self.file).with_context(|| format!("cannot remove {}", self.file.display()))
    }

    fn save(&self) -> Result<()> {
        fs::write(&self.file, serde_json::to_vec(self)?)
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}
