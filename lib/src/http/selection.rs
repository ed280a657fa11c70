//! The parameters that say what is told of a resource: `fields` and `expand`.

use super::query::Query;
use crate::domain::{Field, Fields, Selection};

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
                let message = format!("{word:?} is neither * nor one of {}", Field::words());
                query.fault("fields", "invalid_value", message);
            }
        }
    }
    fields
}

fn related(query: &mut Query) -> bool {
    let Some(text) = query.single("expand") else { return false };
    if text != "related" {
        query.fault("expand", "invalid_value", format!("{text:?} is not related"));
    }
    true
}
