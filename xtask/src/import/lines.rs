//! Reads the lines of a file one after another, with a limit on the length of each in memory.

use std::io::{self, BufRead, Read as _};

/// A mark that some programs write at the beginning of UTF-8. It is ignored.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The most bytes of a line that are kept. No record is longer; the rest of the line is skipped.
const MAX_KEPT: u64 = 16 << 20;

/// The place of a line in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Place {
    /// The number of the line, from 1.
    pub(super) number: u64,
    /// The offset of its first byte.
    pub(super) offset: u64,
}

impl Place {
    /// The first line.
    pub(super) const START: Self = Self { number: 1, offset: 0 };
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) place: Place,
    /// The content, without the line feed, or the carriage return and line feed, at its end.
    pub(super) bytes: Vec<u8>,
    /// The place of the next line.
    pub(super) next: Place,
}

/// The lines of a file. Empty lines are counted, and left out.
pub(super) struct Lines<R> {
    from: R,
    next: Place,
}

impl<R: BufRead> Lines<R> {
    /// Reads from a place on.
    pub(super) fn new(from: R, next: Place) -> Self {
        Self { from, next }
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let place = self.next;
        let mut bytes = Vec::new();
        let mut length = (&mut self.from).take(MAX_KEPT).read_until(b'\n', &mut bytes)? as u64;
        if length == 0 {
            return Ok(None);
        }
        if length == MAX_KEPT && !bytes.ends_with(b"\n") {
            length += self.from.skip_until(b'\n')? as u64;
        }
        self.next = Place { number: place.number + 1, offset: place.offset + length };
        for end in [b'\n', b'\r'] {
            if bytes.last() == Some(&end) {
                bytes.pop();
            }
        }
        if place == Place::START && bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(Some(Line { place, bytes, next: self.next }))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read().transpose()? {
                Ok(line) if line.bytes.iter().all(u8::is_ascii_whitespace) => {}
                line => return Some(line),
            }
        }
    }
}
