//! Lines that are taken together.

use std::io;

use super::lines::Line;

/// How many lines are taken together: as many keys as a call to DynamoDB has.
const MAX_LINES: usize = 100;
/// How many bytes of them, but for a single line.
const MAX_BYTES: usize = 4 << 20;

/// Lines as they stand one after another, at least one at a time.
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
