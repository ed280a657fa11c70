//! The parameters that say which resources are meant, and what is told of each: `status`, `fields` and `expand`.

use super::query::Query;
use crate::domain::{Field, Fields, Selection, quoted};

/// The statuses asked for, each once; `default` when none is named. `words` are those that `parse` knows.
pub(super) fn statuses<S: PartialEq>(
    query: &mut Query,
    default: Vec<S>,
    parse: impl Fn(&str) -> Option<S>,
    words: &str,
) -> Vec<S> {
    let given = query.list("status");
    if given.is_empty() {
        return default;
    }
    let mut statuses = Vec::new();
    for word in given {
        match parse(&word) {
            Some(status) if statuses.contains(&status) => {}
            Some(status) => statuses.push(status),
            None => {
                let message = format!("{} is not one of {words}", quoted(&word));
                query.fault("status", "invalid_value", message);
            }
        }
    }
    statuses
}

/// What is told of each resource; these fields when none are named.
pub(super) fn read(query: &mut Query, default: Fields) -> Selection {
    Selection { fields: fields(query, default), related: related(query) }
}

/// The fields asked for.
pub(super) fn fields(query: &mut Query, default: Fields) -> Fields {
    let Some(text) = query.single("fields") else { return default };
    let mut fields = Fields::of(&[]);
    for word in text.split(',') {
        match Field::parse(word) {
            Some(field) => fields = fields.with(field),
            None if word == "*" => fields = Fields::ALL,
            None => {
                let message = format!("{} is neither * nor one of {}", quoted(word), Field::words());
                query.fault("fields", "invalid_value", message);
            }
        }
    }
    fields
}

fn related(query: &mut Query) -> bool {
    let Some(text) = query.single("expand") else { return false };
    if text != "related" {
        query.fault("expand", "invalid_value", format!("{} is not related", quoted(&text)));
    }
    true
}
