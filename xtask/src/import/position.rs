//! The position of an import, saved so that an interrupted import can resume.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, Result};
use resource_api::domain::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::input::hexadecimal;
use super::job::Tally;
use super::lines::Place;

/// The position of the import of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Position {
    /// The file that it is saved in.
    #[serde(skip)]
    file: PathBuf,
    /// When the file was first imported, as stored in the database. Another database has another time, or
    /// none.
    pub(super) started_at: Option<Timestamp>,
    /// Whether all lines are validated.
    pub(super) validated: bool,
    /// The first line that may not be complete.
    pub(super) place: Place,
    /// The counts of the lines before.
    pub(super) tally: Tally,
    /// The length of the file of refused lines at that time, in bytes.
    pub(super) faults_length: u64,
}

impl Position {
    /// Reads the position of an import from a file in a folder. Without that file, it is the start.
    /// `identity` has everything in which the import differs from others.
    pub(super) fn load(folder: &Path, identity: &str) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let file = folder.join(format!("{}.json", hexadecimal(&Sha256::digest(identity))));
        let left = match fs::read(&file) {
            Ok(left) => Some(left),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        if let Some(left) = left {
            let left: Self = serde_json::from_slice(&left)
                .with_context(|| format!("{} is not the position of an import; delete it", file.display()))?;
            return Ok(Self { file, ..left });
        }
        Ok(Self::beginning(file))
    }

    fn beginning(file: PathBuf) -> Self {
        let tally = Tally::default();
        Self { file, started_at: None, validated: false, place: Place::START, tally, faults_length: 0 }
    }

    /// Goes back to the start.
    pub(super) fn anew(self) -> Self {
        Self::beginning(self.file)
    }

    /// Saves it atomically.
    pub(super) fn save(&self) -> Result<()> {
        let new = self.file.with_extension("new");
        let saved = fs::write(&new, serde_json::to_vec(self)?).and_then(|()| fs::rename(&new, &self.file));
        saved.with_context(|| format!("cannot write {}", self.file.display()))
    }

    /// Removes the file, at the end of the import.
    pub(super) fn end(self) -> Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.file.display()))
            }
            _ => Ok(()),
        }
    }
}
