//! The query parameters of a list.

use super::query::Query;
use crate::Error;
use crate::domain::{Cursor, DEFAULT_LIMIT, ListRequest, MAX_LIMIT, Status};

/// What the parameters ask for.
pub(super) fn read(mut query: Query) -> Result<ListRequest, Error> {
    let request = ListRequest {
        statuses: statuses(&mut query),
        limit: limit(&mut query),
        cursor: query.single("cursor").map(Cursor::from_client),
    };
    query.finish(request)
}

/// The statuses asked for, each once; all of them when none is named.
fn statuses(query: &mut Query) -> Vec<Status> {
    let words = query.list("status");
    if words.is_empty() {
        return Status::ALL.to_vec();
    }
    let mut statuses = Vec::new();
    for word in words {
        match Status::parse(&word) {
            Some(status) if statuses.contains(&status) => {}
            Some(status) => statuses.push(status),
            None => {
                query.fault("status", "invalid_value", format!("{word:?} is not one of {}", Status::words()));
            }
        }
    }
    statuses
}

fn limit(query: &mut Query) -> usize {
    let Some(text) = query.single("limit") else { return DEFAULT_LIMIT };
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(limit) if digits_only && (1..=MAX_LIMIT).contains(&limit) => limit,
        _ => {
            query.fault("limit", "invalid_value", format!("A limit is a whole number from 1 to {MAX_LIMIT}"));
            DEFAULT_LIMIT
        }
    }
}
