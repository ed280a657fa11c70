//! What is said of refused lines: to people on standard error, and to programs in a file.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indicatif::ProgressBar;
use resource_api::domain::Faults;
use serde::Serialize;

use super::lines::Line;

/// Where refused lines are named.
#[derive(Debug)]
pub(super) struct Report {
    /// The name of the file that is imported.
    name: String,
    /// Where the lines go.
    file: Option<(PathBuf, File)>,
}

/// A refused line in the file.
#[derive(Serialize)]
struct Refused<'a> {
    /// Its number, from 1.
    line: u64,
    faults: &'a Faults,
    /// The line as it is, if it is UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// The line as it is, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Report {
    /// A report on the file of a name. Lines go to another file, if there is one, of which so many bytes are kept.
    pub(super) fn open(name: &str, path: Option<PathBuf>, length: u64) -> Result<Self> {
        let open = |path: PathBuf| -> Result<_> {
            let file = File::options().create(true).truncate(false).write(true).open(&path);
            let kept = file.and_then(|mut file| {
                let metadata = file.metadata()?;
                // What is no file, such as /dev/null, cannot be cut, and has no end.
                if metadata.is_file() {
                    file.set_len(length.min(metadata.len()))?;
                    file.seek(SeekFrom::End(0))?;
                }
                Ok(file)
            });
            let file = kept.with_context(|| format!("cannot write {}", path.display()))?;
            Ok((path, file))
        };
        Ok(Self { name: name.to_owned(), file: path.map(open).transpose()? })
    }

    /// A line is refused.
    pub(super) fn refuse(&mut self, line: &Line, faults: &Faults, bar: &ProgressBar) -> Result<()> {
        bar.suspend(|| {
            for fault in faults.each() {
                // Whether anybody reads it decides nothing.
                let _ = writeln!(io::stderr(), "{}:{}: {fault}", self.name, line.place.number);
            }
        });
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        let text = str::from_utf8(&line.bytes).ok();
        let base64 = text.is_none().then(|| STANDARD.encode(&line.bytes));
        let refused = Refused { line: line.place.number, faults, text, base64 };
        let mut entry = serde_json::to_vec(&refused)?;
        entry.push(b'\n');
        file.write_all(&entry).with_context(|| format!("cannot write {}", path.display()))
    }

    /// How long the file is, in bytes.
    pub(super) fn length(&self) -> Result<u64> {
        let length = self.file.as_ref().map(|(_, file)| file.metadata().map(|metadata| metadata.len()));
        Ok(length.transpose()?.unwrap_or_default())
    }
}
