//! The generated parts of a file: the lines between two markers.

use anyhow::{Context as _, Result};

/// Replaces the lines between `# BEGIN NAME…` and `# END NAME`. Markers may be indented.
///
/// # Errors
/// When a marker is missing.
pub(crate) fn replace(text: &str, name: &str, lines: &str) -> Result<String> {
    let (begin, end) = (format!("# BEGIN {name}"), format!("# END {name}"));
    let at = text.find(&begin).with_context(|| format!("the line `{begin}…` is missing"))?;
    let (before, rest) = text.split_at(at);
    let (marker, rest) = rest.split_once('\n').with_context(|| format!("nothing follows `{begin}`"))?;
    let at = rest.find(&end).with_context(|| format!("the line `{end}` is missing"))?;
    let at = rest.get(..at).and_then(|inside| inside.rfind('\n')).map_or(0, |newline| newline + 1);
    Ok(format!("{before}{marker}\n{lines}{}", rest.get(at..).unwrap_or_default()))
}
