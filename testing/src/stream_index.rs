//! Makes the embedded DynamoDB's streams fast, and removes old records.
//!
//! At each write, dynoxide 3.2 searches all records of a stream for the next sequence number, and it keeps
//! the records for ever. An index makes that search fast. Records that DynamoDB would no longer have (after
//! 24 hours) are removed at start-up.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use rusqlite::Connection;

/// How long DynamoDB retains the records of a stream, in seconds.
const RETENTION: u64 = 24 * 60 * 60;

/// Adds the index to the database at an SQLite path, and removes old records.
pub(super) fn prepare(path: &str) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let database = Connection::open(path).context("cannot open the embedded DynamoDB's data")?;
    database.execute_batch(&format!(
        "CREATE INDEX IF NOT EXISTS stream_records_by_number
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
         DELETE FROM _stream_records WHERE created_at < {};",
        now.saturating_sub(RETENTION)
    ))?;
    Ok(())
}
