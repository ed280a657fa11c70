//! Reports refused lines: on standard error for people, and in a file for programs.

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

/// The report of refused lines.
#[derive(Debug)]
pub(super) struct Report {
    /// The name of the file that is imported.
    name: String,
    /// The file for refused lines.
    file: Option<(PathBuf, File)>,
}

/// A refused line in the file.
#[derive(Serialize)]
struct Refused<'a> {
    /// Its number, from 1.
    line: u64,
    faults: &'a Faults,
    /// The line, if it is UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// The line in Base64, if it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Report {
    /// A report on the file with this name. Refused lines go to the file at `path`, if it is given, after its
    /// first `length` bytes.
    pub(super) fn open(name: &str, path: Option<PathBuf>, length: u64) -> Result<Self> {
        let open = |path: PathBuf| -> Result<_> {
            let file = File::options().create(true).truncate(false).write(true).open(&path);
            let kept = file.and_then(|mut file| {
                let metadata = file.metadata()?;
                // A device, such as /dev/null, cannot be truncated and has no end.
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

    /// Reports a refused line.
    pub(super) fn refuse(&mut self, line: &Line, faults: &Faults, bar: &ProgressBar) -> Result<()> {
        bar.suspend(|| {
            for fault in faults.each() {
                // An import does not depend on its output.
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

    /// The length of the file, in bytes.
    pub(super) fn length(&self) -> Result<u64> {
        let length = self.file.as_ref().map(|(_, file)| file.metadata().map(|metadata| metadata.len()));
        Ok(length.transpose()?.unwrap_or_default())
    }
}
