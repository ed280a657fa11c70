//! The parameters `status`, `fields` and `expand`.

use super::query::Query;
use crate::domain::{Field, Fields, Kind, Selection, quoted};

/// Parses `status`. Returns each status once, and `default` without the parameter. `words` names those that
/// `parse` accepts, for the message.
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

/// Parses `fields` and `expand`. Without `fields` the fields are `default`.
pub(super) fn read(query: &mut Query, kind: &'static Kind, default: Fields) -> Selection {
    Selection { fields: fields(query, kind, default), expand: expand(query, kind) }
}

/// Parses `fields` for one kind.
pub(super) fn fields(query: &mut Query, kind: &'static Kind, default: Fields) -> Fields {
    match names(query, &[kind]) {
        Some(names) => fields_of(kind, &names),
        None => default,
    }
}

/// Parses the names in `fields`, each of which one of the kinds must have; `None` without the parameter.
pub(super) fn names(query: &mut Query, kinds: &[&'static Kind]) -> Option<Vec<String>> {
    let names = query.single_list("fields")?;
    for name in names.iter().filter(|name| *name != "*") {
        if !kinds.iter().any(|kind| kind.field_ref(name).is_some()) {
            let known: Vec<_> =
                kinds.iter().flat_map(|kind| kind.shown().map(|field| kind.name_of(field))).collect();
            let message = format!("{} is neither * nor one of {}", quoted(name), known.join(", "));
            query.fault("fields", "invalid_value", message);
        }
    }
    Some(names)
}

/// The fields of a kind with these names.
pub(super) fn fields_of(kind: &Kind, names: &[String]) -> Fields {
    if names.iter().any(|name| name == "*") {
        return kind.all_fields();
    }
    names.iter().filter_map(|name| kind.field_ref(name)).collect()
}

/// Parses `expand`. Returns the references to expand.
fn expand(query: &mut Query, kind: &'static Kind) -> Fields {
    let mut fields = Fields::NONE;
    for word in query.single_list("expand").unwrap_or_default() {
        let names = |field: &Field| field.expansion() == Some(&*word);
        if let Some((field, _)) = kind.declared().find(|(_, field)| names(field)) {
            fields = fields.with(field);
            continue;
        }
        let known: Vec<_> = kind.declared().filter_map(|(_, field)| field.expansion()).collect();
        let message = if known.is_empty() {
            format!("{} cannot be expanded: a resource of this kind has no references", quoted(&word))
        } else {
            format!("{} is not one of {}", quoted(&word), known.join(", "))
        };
        query.fault("expand", "invalid_value", message);
    }
    fields
}
