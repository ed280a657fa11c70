//! The imported file, which can be read repeatedly and is identified by its digest.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::{env, fs, process};

use sha2::{Digest as _, Sha256};

use super::lines::{Lines, Place};

/// The size of a read, in bytes.
const BUFFER: usize = 1 << 20;
/// The name of standard input.
const STANDARD_INPUT: &str = "-";

/// A file of lines.
#[derive(Debug)]
pub(super) struct Input {
    file: File,
    /// The length when it was opened, in bytes. What is appended later is not read.
    length: u64,
    /// The number of line feeds, and one more if the last line has none.
    pub(super) lines: u64,
    /// The SHA-256 of all of it, in hexadecimal.
    pub(super) digest: String,
}

impl Input {
    /// Opens a file. Input that can be read only once, such as a pipe, is copied to a temporary file.
    pub(super) fn open(path: &str) -> io::Result<Self> {
        if path == STANDARD_INPUT {
            return Self::spool(&mut io::stdin().lock());
        }
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
        }
        if metadata.is_file() { Self::read(file, &mut io::sink()) } else { Self::spool(&mut file) }
    }

    /// Copies the input to a temporary file.
    pub(super) fn spool(from: &mut impl Read) -> io::Result<Self> {
        let mut file = unnamed_file()?;
        let (digest, length, lines) = digested(from, &mut file)?;
        Ok(Self { file, length, lines, digest })
    }

    fn read(mut file: File, copy: &mut impl Write) -> io::Result<Self> {
        let (digest, length, lines) = digested(&mut file, copy)?;
        Ok(Self { file, length, lines, digest })
    }

    /// The lines from a place on.
    pub(super) fn lines(&self, from: Place) -> io::Result<Lines<impl io::BufRead>> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(from.offset))?;
        let left = self.length.saturating_sub(from.offset);
        let whole = Whole { file, left };
        Ok(Lines::new(BufReader::with_capacity(BUFFER, whole), from))
    }
}

/// A number of bytes of a file. Reading fails if the file became shorter.
struct Whole {
    file: File,
    left: u64,
}

impl Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = (&mut self.file).take(self.left).read(buffer)?;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            let message = "the file became shorter during the import; run the command again";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Copies everything. Returns its digest, its length in bytes, and its number of lines.
fn digested(from: &mut impl Read, to: &mut impl Write) -> io::Result<(String, u64, u64)> {
    let (mut hash, mut length, mut lines, mut last) = (Sha256::new(), 0, 0, b'\n');
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(read);
        to.write_all(read)?;
        length += read.len() as u64;
        lines += read.split(|byte| *byte == b'\n').skip(1).count() as u64;
        last = read.last().copied().unwrap_or(last);
    }
    to.flush()?;
    Ok((hexadecimal(&hash.finalize()), length, lines + u64::from(last != b'\n')))
}

/// A temporary file without a name: no other process can open it, and it is removed when it is closed.
fn unnamed_file() -> io::Result<File> {
    let path = env::temp_dir().join(format!("import-{}-{:x}", process::id(), fastrand::u64(..)));
    let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    fs::remove_file(path)?;
    Ok(file)
}

/// Bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
