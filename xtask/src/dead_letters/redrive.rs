//! Redrives a dead letter.

use std::fmt;

use anyhow::Result;
use resource_api::stream::DeadLetter;
use serde_json::Value;

use super::bucket::{Bucket, Entry};

/// The outcome of a redrive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The function has processed all records, and the dead letter is removed.
    Done { records: usize },
    /// The dead letter stays, with this number of its records.
    Left { records: usize, of: usize, why: String },
    /// Another redrive has removed the dead letter.
    Gone,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done { records: 1 } => f.write_str("redriven: 1 record"),
            Self::Done { records } => write!(f, "redriven: {records} records"),
            Self::Left { records, of, why } => write!(f, "left, with {records} of {of} records: {why}"),
            Self::Gone => f.write_str("removed by another redrive"),
        }
    }
}

/// Invokes a function with the event of a dead letter, and then removes the records that the function has
/// processed. The dead letter is unchanged until the response, so an interrupted redrive can be repeated.
///
/// # Errors
/// When the bucket cannot be read or written.
pub(super) async fn redrive(
    bucket: &Bucket,
    entry: &Entry,
    invoke: impl AsyncFn(&DeadLetter) -> Result<Value>,
) -> Result<Outcome> {
    let letter = match bucket.get(entry).await? {
        None => return Ok(Outcome::Gone),
        Some(Ok(letter)) => letter,
        Some(Err(reason)) => {
            return Ok(Outcome::Left {
                records: 0,
                of: 0,
                why: format!("{} is not a dead letter: {reason}", entry.key),
            });
        }
    };
    let of = letter.records().len();
    let answer = match invoke(&letter).await {
        Ok(answer) => answer,
        Err(error) => return Ok(Outcome::Left { records: of, of, why: format!("{error:#}") }),
    };
    // A function that is not on the stream, such as one that --function names by mistake, has processed
    // nothing.
    if !answer.get("batchItemFailures").is_some_and(Value::is_array) {
        let why = format!("the response is not that of a function on a stream: {answer}");
        return Ok(Outcome::Left { records: of, of, why });
    }
    let Some(rest) = letter.left_by(&answer) else {
        bucket.remove(entry).await?;
        return Ok(Outcome::Done { records: of });
    };
    let records = rest.records().len();
    if records < of {
        bucket.put(entry, &rest).await?;
    }
    Ok(Outcome::Left {
        records,
        of,
        why: "the function reported these as failed again; its log has the cause".to_owned(),
    })
}
