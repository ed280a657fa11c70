//! Prints dead letters.

use anyhow::Result;
use resource_api::domain::{ResourceEvent, Timestamp};
use resource_api::stream::{DeadLetter, NoDeadLetter};
use serde_json::Value;

use super::bucket::Entry;
use crate::local::ALL_KINDS;

/// Prints a line for each.
pub(super) fn list(letters: &[(Entry, Result<DeadLetter, NoDeadLetter>)]) {
    println!("{:36} {:24} {:>7} {:>8} function, reason, table, shard", "id", "failed at", "records", "age");
    for (entry, letter) in letters {
        println!("{}", line(entry, letter.as_ref(), Timestamp::now()));
    }
    println!("{} dead letters", letters.len());
}

/// The line of one. Its age is that at `now`.
pub(super) fn line(entry: &Entry, letter: Result<&DeadLetter, &NoDeadLetter>, now: Timestamp) -> String {
    let line = match letter {
        Ok(letter) => format!(
            "{:36} {:24} {:>7} {:>8} {}, {}, {}, {}",
            entry.id,
            letter.given_up_at(),
            letter.records().len(),
            letter.oldest_change_at().map(|oldest| age(oldest, now)).unwrap_or_default(),
            function_name(letter.function_arn()),
            letter.condition(),
            letter.table(),
            letter.shard()
        ),
        Err(reason) => format!("{:36} {} is not a dead letter: {reason}", entry.id, entry.key),
    };
    // The content of an object must not control the terminal.
    line.replace(char::is_control, "?")
}

/// Prints the records of one.
pub(super) fn records(entry: &Entry, letter: &DeadLetter) {
    println!(
        "{}: {} failed at {}: {}",
        entry.id,
        letter.function_arn(),
        letter.given_up_at(),
        letter.condition()
    );
    for line in record_lines(letter) {
        println!("{line}");
    }
}

/// A line for each record.
pub(super) fn record_lines(letter: &DeadLetter) -> Vec<String> {
    let changes = letter.changes(*ALL_KINDS);
    letter
        .records()
        .iter()
        .zip(changes)
        .map(|(record, change)| {
            let key = record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap_or("no key");
            match change {
                Ok(Some(change)) => match ResourceEvent::of(&change) {
                    Some(event) => told(&event),
                    None => format!("{key}: written again without a new version"),
                },
                Ok(None) => format!("{key}: the kind is not declared"),
                Err(error) => format!("{key}: the record cannot be read: {}", error.chain()),
            }
        })
        .collect()
}

/// The change of a resource.
fn told(event: &ResourceEvent) -> String {
    let by = event.by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
    let changed = match &event.changed[..] {
        [] => String::new(),
        fields => format!(": {}", fields.join(", ")),
    };
    // `ID:VERSION`, or `ID:purged`.
    let (id, version) = event.id.split_once(':').unwrap_or((&event.id, ""));
    let version = version.parse::<u64>().map(|version| format!(" version {version}")).unwrap_or_default();
    format!(
        "{} {} of the tenant {}, {id}{version}: {}{by}{changed}",
        event.at,
        event.collection.kind.name,
        event.collection.tenant,
        event.event_type.as_str()
    )
}

/// Prints one as JSON, its payload as JSON too.
pub(super) fn json(letter: &DeadLetter) -> Result<()> {
    let mut whole = letter.to_json();
    whole["payload"] = letter.event();
    println!("{}", serde_json::to_string_pretty::<Value>(&whole)?);
    Ok(())
}

/// The name of a function in its ARN, `arn:aws:lambda:REGION:ACCOUNT:function:NAME` with or without a qualifier; or the name
/// itself.
pub(super) fn function_name(arn: &str) -> &str {
    arn.split(':').nth(6).unwrap_or(arn)
}

/// How long ago, in the largest two units.
fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_microseconds().saturating_sub(then.as_microseconds()) / 1_000_000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h {}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds / 3600 % 24),
    }
}
