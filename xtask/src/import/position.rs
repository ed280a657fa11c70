//! How far an import has come, kept so that it can be taken up.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, Result};
use resource_api::domain::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::input::hexadecimal;
use super::job::Tally;
use super::lines::Place;

/// Where the import of a file is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Where it is kept.
    #[serde(skip)]
    file: PathBuf,
    /// When the file was first imported, as the database says: another database does not.
    pub(super) started_at: Option<Timestamp>,
    /// Whether all lines were found to be good.
    pub(super) validated: bool,
    /// Before the first line that may not be done with.
    pub(super) place: Place,
    /// What became of the lines before.
    pub(super) tally: Tally,
    /// How long the file of refused lines was then, in bytes.
    pub(super) faults_length: u64,
}

impl Position {
    /// Where the import of an identity was left, as a file of a folder says; otherwise the beginning. Whatever makes it another
    /// import is part of the identity.
    pub(super) fn load(folder: &Path, identity: &str) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = folder.join(format!("{}.json", hexadecimal(&Sha256::digest(identity))));
        let left = match fs::read(&file) {
            Ok(left) => Some(left),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        if let Some(left) = left {
            let left: Self = serde_json::from_slice(&left)
                .with_context(|| format!("{} is no position; delete it", file.display()))?;
            return Ok(Self { file, ..left });
        }
        Ok(Self::beginning(file))
    }

    fn beginning(file: PathBuf) -> Self {
        let tally = Tally::default();
        Self { file, started_at: None, validated: false, place: Place::START, tally, faults_length: 0 }
    }

    /// The beginning, whatever was done.
    pub(super) fn anew(self) -> Self {
        Self::beginning(self.file)
    }

    /// Keeps it, whole or not at all.
    pub(super) fn save(&self) -> Result<()> {
        let new = self.file.with_extension("new");
        let saved = fs::write(&new, serde_json::to_vec(self)?).and_then(|()| fs::rename(&new, &self.file));
        saved.with_context(|| format!("cannot write {}", self.file.display()))
    }

    /// There is nothing to take up any more.
    pub(super) fn end(self) -> Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.file.display()))
            }
            _ => Ok(()),
        }
    }
}
