//! The query parameters of a list.

use super::query::Query;
use super::selection;
use crate::Error;
use crate::domain::{
    Cursor, DEFAULT_LIMIT, Fields, Filter, ListRequest, MAX_LIMIT, MAX_OFFSET, MAX_SUBJECT_LENGTH, PageStart,
    ShownStatus, SortField, SortOrder, Status, TimeRange, Timestamp, quoted,
};

/// What the parameters ask for.
pub(super) fn read(mut query: Query) -> Result<ListRequest, Error> {
    let request = ListRequest {
        filter: Filter {
            statuses: selection::statuses(
                &mut query,
                ShownStatus::living(),
                ShownStatus::parse,
                &format!("{}, or deleted", Status::words()),
            ),
            created: period(&mut query, "created_after", "created_before"),
            updated: period(&mut query, "updated_after", "updated_before"),
            created_by: created_by(&mut query),
        },
        order: order(&mut query),
        limit: limit(&mut query),
        start: start(&mut query),
        selection: selection::read(&mut query, Fields::SUMMARY),
    };
    query.finish(request)
}

/// A time between two parameters. Both are exclusive, and finer than the milliseconds of the times that they are compared
/// with.
fn period(query: &mut Query, after: &str, before: &str) -> TimeRange {
    let period = TimeRange {
        after: moment(query, after, Timestamp::parse),
        before: moment(query, before, Timestamp::parse_rounding_up),
    };
    if let TimeRange { after: Some(from), before: Some(to) } = period
        && from > to
    {
        query.contradiction(after, before, &format!("{after} is later than {before}"));
    }
    period
}

fn moment(query: &mut Query, name: &str, parse: impl Fn(&str) -> Option<Timestamp>) -> Option<Timestamp> {
    let text = query.single(name)?;
    let moment = parse(&text);
    if moment.is_none() {
        let message = "Expected a time as in RFC 3339, 2026-11-22T06:57:40.123Z; a + in it is written %2B";
        query.fault(name, "invalid_value", message);
    }
    moment
}

fn created_by(query: &mut Query) -> Option<String> {
    let subject = query.single("created_by")?;
    if !(1..=MAX_SUBJECT_LENGTH).contains(&subject.chars().count()) {
        let message = format!("A subject has 1 to {MAX_SUBJECT_LENGTH} characters");
        query.fault("created_by", "invalid_value", message);
    }
    Some(subject)
}

fn order(query: &mut Query) -> SortOrder {
    let Some(word) = query.single("sort") else { return SortOrder::DEFAULT };
    SortOrder::parse(&word).unwrap_or_else(|| {
        let words = SortField::ALL.map(SortField::as_str).join(", ");
        let message = format!("{} is not one of {words}, with or without -", quoted(&word));
        query.fault("sort", "invalid_value", message);
        SortOrder::DEFAULT
    })
}

/// How many rows a page may have.
pub(super) fn limit(query: &mut Query) -> usize {
    query.number("limit", 1..=MAX_LIMIT, "").unwrap_or(DEFAULT_LIMIT)
}

/// Where the page begins: behind a cursor, or behind so many rows.
fn start(query: &mut Query) -> PageStart {
    let beyond = "; cursor leads beyond that";
    let offset = query.number("offset", 0..=MAX_OFFSET, beyond);
    match query.single("cursor") {
        Some(_) if offset.is_some() => {
            query.contradiction("offset", "cursor", "A page begins at offset or at cursor, not at both");
            PageStart::Offset(0)
        }
        Some(cursor) => PageStart::Cursor(Cursor::from_client(cursor)),
        None => PageStart::Offset(offset.unwrap_or(0)),
    }
}
