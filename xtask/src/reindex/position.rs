//! The position of a run, saved so that an interrupted run can resume.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::{fs, io};

use anyhow::{Context as _, Result, bail};
use resource_api::repository::sdk::types::AttributeValue;
use serde::{Deserialize, Serialize};

/// The items that are processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    UniqueValues,
    Versions,
    Resources,
    Words,
}

impl Stage {
    /// The name of the items, in the plural.
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

/// The position of a run over some tables.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// The file that it is saved in.
    #[serde(skip)]
    file: PathBuf,
    endpoint: String,
    tables: Vec<String>,
    /// The hash of the kinds' declarations.
    declared: String,
    pub(super) stage: Stage,
    /// The number of conflicts of unique values so far.
    pub(super) shared: u64,
    /// The number of items of the stage that are done.
    pub(super) done: u64,
    /// The key of the last of them: strings, and a number for a version.
    key: BTreeMap<String, KeyValue>,
}

impl Position {
    /// Reads the position from a file, if it has the same tables and declarations. Otherwise, it is the
    /// start.
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
                .with_context(|| format!("{} is not the position of a run; delete it", file.display()))?;
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

    /// The exclusive start key of the next page.
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

    /// Adds to the number of items that are done, up to the item with this key.
    pub(super) fn advance(&mut self, key: Option<HashMap<String, AttributeValue>>, count: u64) -> Result<()> {
        self.key.clear();
        for (name, value) in key.into_iter().flatten() {
            let value = match value {
                AttributeValue::S(text) => KeyValue::Text(text),
                AttributeValue::N(number) => KeyValue::Number { number },
                _ => bail!("a key attribute is neither a string nor a number"),
            };
            self.key.insert(name, value);
        }
        self.done += count;
        self.save()
    }

    /// Begins another stage.
    pub(super) fn begin(&mut self, stage: Stage) -> Result<()> {
        self.stage = stage;
        self.done = 0;
        self.key.clear();
        self.save()
    }

    /// Removes the file, at the end of the run.
    pub(super) fn end(self) -> Result<()> {
        fs::remove_file(&self.file).with_context(|| format!("cannot remove {}", self.file.display()))
    }

    fn save(&self) -> Result<()> {
        fs::write(&self.file, serde_json::to_vec(self)?)
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}
