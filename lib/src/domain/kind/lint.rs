//! What can be wrong with a declaration and is not found when it is compiled.

use super::{Decimal, Field, Kind, Kinds, List, Text, Type, read, text};
use crate::domain::{Faults, Pointer, exact_decimal};

/// Everything that is wrong with declarations, besides what ends their compilation: defaults that break their own rules,
/// patterns that are no regular expressions, bounds that are no numbers. Each message names the file and the field.
pub fn declaration_faults(kinds: Kinds) -> Vec<String> {
    kinds.iter().flat_map(kind_faults).collect()
}

/// What is allowed and seldom meant: lists of who sees only its own, without an index that finds them.
pub fn declaration_warnings(kinds: Kinds) -> Vec<String> {
    let without_index = |kind: &&Kind| kind.has_owners() && !kind.indexes.contains(&"created_by");
    let warning = |kind| {
        let what = "some roles see only what they created, and no index is over `created_by`: their lists read the \
                    resources of others, too, and leave them out";
        format!("{}: {what}", file(kind))
    };
    kinds.iter().filter(without_index).map(warning).collect()
}

fn kind_faults(kind: &'static Kind) -> Vec<String> {
    let mut faults = Vec::new();
    for field in kind.fields {
        field_faults(field, field.name, &mut faults);
    }
    let file = file(kind);
    faults.into_iter().map(|fault| format!("{file}: {fault}")).collect()
}

/// The file of a declaration.
fn file(kind: &Kind) -> String {
    format!("{}.rs", kind.name.replace('-', "_"))
}

fn field_faults(field: &'static Field, name: &str, faults: &mut Vec<String>) {
    match &field.field_type {
        Type::Text(Text { pattern: Some(pattern), .. }) => {
            if let Some(error) = text::fault(pattern) {
                faults.push(format!("the pattern of `{name}` is no regular expression: {error}"));
            }
        }
        Type::Number { least, most } => {
            for bound in [least, most].into_iter().flatten() {
                if Decimal::parse(bound).is_none() || exact_decimal(bound).is_err() {
                    faults.push(format!("the bound {bound:?} of `{name}` is no number that can be stored"));
                }
            }
            let both = least.and_then(Decimal::parse).zip(most.and_then(Decimal::parse));
            if both.is_some_and(|(least, most)| least > most) {
                faults.push(format!("the least of `{name}` is above the most"));
            }
        }
        Type::Object(fields) => {
            for field in *fields {
                field_faults(field, &format!("{name}.{}", field.name), faults);
            }
        }
        Type::List(List { item, .. }) => field_faults(item, &format!("{name}[]"), faults),
        _ => {}
    }
    let Some(default) = field.default else { return };
    match serde_json::from_str(default) {
        Err(error) => faults.push(format!("the default of `{name}` is no JSON: {error}")),
        Ok(value) => {
            let mut refused = Faults::default();
            read::checked(field, value, &Pointer::Root, &mut refused);
            if let Some(message) = refused.first_message() {
                faults.push(format!("the default {default} of `{name}` breaks its own rules: {message}"));
            }
        }
    }
}
