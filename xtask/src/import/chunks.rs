//! Groups lines into chunks.

use std::io;

use super::lines::Line;

/// The most lines in a chunk: the limit of keys in a `BatchGetItem` call.
const MAX_LINES: usize = 100;
/// The most bytes in a chunk of several lines.
const MAX_BYTES: usize = 4 << 20;

/// Chunks of consecutive lines, each with at least one line.
pub(super) fn chunks(
    mut lines: impl Iterator<Item = io::Result<Line>>,
) -> impl Iterator<Item = io::Result<Vec<Line>>> {
    let mut left: Option<io::Result<Line>> = None;
    std::iter::from_fn(move || {
        let (mut chunk, mut bytes) = (Vec::new(), 0);
        loop {
            let line = match left.take().or_else(|| lines.next()) {
                None => break,
                Some(Err(error)) if chunk.is_empty() => return Some(Err(error)),
                Some(Err(error)) => {
                    left = Some(Err(error));
                    break;
                }
                Some(Ok(line)) => line,
            };
            bytes += line.bytes.len();
            if !chunk.is_empty() && bytes > MAX_BYTES {
                left = Some(Ok(line));
                break;
            }
            chunk.push(line);
            if chunk.len() == MAX_LINES {
                break;
            }
        }
        (!chunk.is_empty()).then_some(Ok(chunk))
    })
}
