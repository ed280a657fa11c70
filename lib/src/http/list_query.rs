//! The query parameters of a list.

use serde_json::{Number, Value};

use super::query::Query;
use super::selection;
use crate::Error;
use crate::domain::{
    Condition, Cursor, DEFAULT_LIMIT, Field, FieldRef, FieldValue, Filter, Kind, ListRequest, MAX_LIMIT,
    MAX_OFFSET, MAX_SUBJECT_LENGTH, Operator, PageStart, ShownStatus, SortOrder, Timestamp, Type,
    canonical_moment_rounding_up, index_key, quoted,
};

const NO_TIME: &str = "Expected an RFC 3339 time, for example 2026-11-22T06:57:40.123Z; write + as %2B";

/// Parses the parameters.
pub(super) fn read(mut query: Query, kind: &'static Kind) -> Result<ListRequest, Error> {
    let statuses = selection::statuses(
        &mut query,
        ShownStatus::living(kind),
        |word| ShownStatus::parse(kind, word),
        &format!("{}, or deleted", kind.statuses.list()),
    );
    let request = ListRequest {
        kind,
        filter: Filter { statuses, conditions: conditions(&mut query, kind) },
        order: order(&mut query, kind),
        limit: limit(&mut query),
        start: start(&mut query),
        selection: selection::read(&mut query, kind, kind.summary()),
    };
    query.finish_naming(request, || parameters(kind))
}

/// The message for an unknown parameter, which names all that a list has.
fn parameters(kind: &'static Kind) -> String {
    let filters = ["created_by", "created_at", "updated_at"].into_iter();
    let fields = kind.filters().map(|(_, field)| field.name);
    let others = ["status", "sort", "limit", "cursor", "offset", "fields", "expand"];
    let all: Vec<_> = filters.chain(fields).chain(others).collect();
    format!("This list has no such parameter; it has {}", all.join(", "))
}

/// The conditions in the parameters: `field=value`, and `field[gte]=value` where values have a range.
fn conditions(query: &mut Query, kind: &'static Kind) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (name, condition) in [
        ("created_at", Condition::Created as fn(Operator, Timestamp) -> Condition),
        ("updated_at", Condition::Updated),
    ] {
        conditions.extend(times(query, name).into_iter().map(|(operator, time)| condition(operator, time)));
    }
    conditions.extend(created_by(query).map(Condition::CreatedBy));
    for (field, declared) in kind.filters() {
        conditions.extend(values(query, field, declared));
    }
    conditions
}

/// The times in a parameter and its ranges. They may be finer than the milliseconds of stored times. Each is
/// rounded up or down so that the same stored times match.
fn times(query: &mut Query, name: &str) -> Vec<(Operator, Timestamp)> {
    let (mut times, mut bounds) = (Vec::new(), Vec::new());
    if let Some(text) = query.single(name) {
        match (Timestamp::parse(&text), Timestamp::parse_rounding_up(&text)) {
            (Some(floor), Some(ceiling)) => {
                times.extend([(Operator::GreaterOrEqual, ceiling), (Operator::LessOrEqual, floor)]);
            }
            _ => query.fault(name, "invalid_value", NO_TIME),
        }
    }
    for (operator, word) in Operator::RANGES {
        let parameter = format!("{name}[{word}]");
        let Some(text) = query.single(&parameter) else { continue };
        let time = match operator {
            Operator::Greater | Operator::LessOrEqual => Timestamp::parse(&text),
            _ => Timestamp::parse_rounding_up(&text),
        };
        match time {
            Some(time) => {
                times.push((operator, time));
                bounds.push((operator, parameter, time));
            }
            None => query.fault(&parameter, "invalid_value", NO_TIME),
        }
    }
    not_backwards(query, &bounds);
    times
}

/// The conditions on a field that has an index.
fn values(query: &mut Query, field: FieldRef, declared: &'static Field) -> Vec<Condition> {
    let (mut conditions, mut bounds) = (Vec::new(), Vec::new());
    let mut read = |query: &mut Query, parameter: &str, operator| {
        let text = query.single(parameter)?;
        let found = match (&declared.field_type, operator) {
            // It may be finer than stored times. Rounded up, it matches the same ones.
            (Type::Timestamp, Operator::GreaterOrEqual | Operator::Less) => {
                value(declared, &canonical_moment_rounding_up(&text).unwrap_or(text))
            }
            _ => value(declared, &text),
        };
        match found {
            Ok(value) => {
                conditions.push(Condition::Field(field, operator, value.clone()));
                index_key(declared, &value)
            }
            Err(message) => {
                query.fault(parameter, "invalid_value", message);
                None
            }
        }
    };
    read(query, declared.name, Operator::Equal);
    if declared.field_type.has_ranges() {
        for (operator, word) in Operator::RANGES {
            let parameter = format!("{}[{word}]", declared.name);
            if let Some(key) = read(query, &parameter, operator) {
                bounds.push((operator, parameter, key));
            }
        }
    }
    not_backwards(query, &bounds);
    conditions
}

/// Adds a fault for each lower bound above an upper one.
fn not_backwards<T: Ord>(query: &mut Query, bounds: &[(Operator, String, T)]) {
    let lower = |operator| matches!(operator, Operator::Greater | Operator::GreaterOrEqual);
    for (_, from, least) in bounds.iter().filter(|(operator, ..)| lower(*operator)) {
        for (_, to, most) in bounds.iter().filter(|(operator, ..)| !lower(*operator)) {
            if least > most {
                query.contradiction(from, to, &format!("{from} is above {to}"));
            }
        }
    }
}

/// Parses a value of a field. The error is the message. Rules for stored values do not apply: a value that
/// violates one equals no stored value.
fn value(declared: &'static Field, text: &str) -> Result<FieldValue, String> {
    let json = match declared.field_type {
        Type::Integer { .. } | Type::Number { .. } => {
            let number = serde_json::from_str::<Number>(text);
            let number = number.map_err(|_| "Expected a number, like 12.5".to_owned())?;
            Value::Number(number)
        }
        Type::Boolean => match text {
            "true" => true.into(),
            "false" => false.into(),
            _ => return Err("Expected true or false".to_owned()),
        },
        _ => text.into(),
    };
    FieldValue::for_comparison(declared, json)
}

fn created_by(query: &mut Query) -> Option<String> {
    let subject = query.single("created_by")?;
    if !(1..=MAX_SUBJECT_LENGTH).contains(&subject.chars().count()) {
        let message = format!("A subject has 1 to {MAX_SUBJECT_LENGTH} characters");
        query.fault("created_by", "invalid_value", message);
    }
    Some(subject)
}

fn order(query: &mut Query, kind: &Kind) -> SortOrder {
    let Some(word) = query.single("sort") else { return SortOrder::DEFAULT };
    SortOrder::parse(kind, &word).unwrap_or_else(|| {
        let words = SortOrder::words(kind).join(", ");
        let message = format!("{} is not one of {words}, with or without -", quoted(&word));
        query.fault("sort", "invalid_value", message);
        SortOrder::DEFAULT
    })
}

/// How many rows a page may have.
pub(super) fn limit(query: &mut Query) -> usize {
    query.number("limit", 1..=MAX_LIMIT, "").unwrap_or(DEFAULT_LIMIT)
}

/// Where the page begins: after a cursor, or after `offset` rows.
fn start(query: &mut Query) -> PageStart {
    let beyond = "; use cursor for later pages";
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
