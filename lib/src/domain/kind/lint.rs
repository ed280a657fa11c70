//! Faults of declarations that are not found at compile time.

use super::{Decimal, Field, Indexed, Kind, Kinds, List, Text, Type, read, text};
use crate::domain::{Faults, MAX_ACTIONS, Pointer, exact_decimal};

/// Faults of declarations that do not fail the compilation: defaults and examples that break their own rules,
/// patterns that are not regular expressions, bounds that are not numbers. Each message names the file and
/// the field.
pub fn declaration_faults(kinds: Kinds) -> Vec<String> {
    kinds.iter().flat_map(kind_faults).collect()
}

/// Declarations that are allowed but probably not intended. Each message names the file.
pub fn declaration_warnings(kinds: Kinds) -> Vec<String> {
    let of_kind = |kind: &'static Kind| {
        let warnings = kind_warnings(kinds, kind).into_iter();
        warnings.map(|warning| format!("{}: {warning}", file(kind))).collect::<Vec<_>>()
    };
    kinds.iter().flat_map(of_kind).collect()
}

fn kind_warnings(kinds: Kinds, kind: &'static Kind) -> Vec<String> {
    let mut warnings = Vec::new();
    if kind.has_owners() && !kind.readable_indexes().any(|(_, _, over)| over == Indexed::CreatedBy) {
        warnings.push(
            "it has `owners_only` roles and no filled index over `created_by`, so their lists read the resources of all \
             callers, and fail if there are many: append it to .indexes()"
                .to_owned(),
        );
    }
    let mut actions = ACTIONS_BESIDES + kind.unique.len();
    for field in kind.fields.iter().filter(|field| field.must_exist) {
        let (least, most) =
            if let Type::List(list) = &field.field_type { (list.least, list.most) } else { (1, 1) };
        actions += most;
        let is_needed = field.required && least > 0;
        let Some(to) = field.refers_to().and_then(|name| kinds.find(name)) else { continue };
        for role in kind.access.write.iter().filter(|role| is_needed && !to.access.read.contains(role)) {
            warnings.push(format!(
                "`{}` requires existing {}, which the role `{}` may not read, so it cannot create any",
                field.name,
                to.name,
                role.as_str()
            ));
        }
    }
    if actions > MAX_ACTIONS {
        warnings.push(format!(
            "a resource with full lists of must_exist references needs {actions} actions of a transaction, and {MAX_ACTIONS} are allowed"
        ));
    }
    for name in kind.unique.iter().filter_map(|fields| if let [name] = fields { Some(name) } else { None }) {
        if kind.fields.iter().any(|field| field.name == *name && field.default.is_some()) {
            warnings.push(format!("`{name}` is unique and has a default, so only one resource can omit it"));
        }
    }
    for field in kind.fields.iter().filter(|field| lacks_example(field)) {
        warnings.push(format!(
            "`{}` has a pattern and no .example(), so the API's description has no example of a body",
            field.name
        ));
    }
    warnings
}

/// The actions of a transaction for the resource itself and for an idempotency key.
const ACTIONS_BESIDES: usize = 2;
fn kind_faults(kind: &'static Kind) -> Vec<String> {
    let mut faults = Vec::new();
    for field in kind.fields {
        field_faults(field, field.name, &mut faults);
    }
    let file = file(kind);
    faults.into_iter().map(|fault| format!("{file}: {fault}")).collect()
}

/// The file name of a declaration.
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
    for (what, json) in [("default", field.default), ("example", field.example)] {
        let Some(json) = json else { continue };
        match serde_json::from_str(json) {
            Err(error) => faults.push(format!("the {what} of `{name}` is not JSON: {error}")),
            Ok(value) => {
                let mut refused = Faults::default();
                read::checked(field, value, &Pointer::Root, &mut refused);
                if let Some(message) = refused.first_message() {
                    faults.push(format!("the {what} {json} of `{name}` breaks its own rules: {message}"));
                }
            }
        }
    }
}

/// Whether no example can be generated for a field, because it has a pattern and no declared example.
fn lacks_example(field: &Field) -> bool {
    let has_none = field.required && field.example.is_none();
    has_none
        && match &field.field_type {
            Type::Text(text) => text.pattern.is_some(),
            Type::Object(fields) => fields.iter().any(lacks_example),
            _ => false,
        }
}
