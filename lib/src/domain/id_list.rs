//! Lists of ids in a request's body.

use std::collections::HashSet;

use serde_json::Value;

use super::body::{into_object, wrong_type};
use super::fault::join;
use super::{Fault, ResourceId};

/// The most resources that can be asked for at once.
pub const MAX_IDS: usize = 100;

/// Whether an id may stand in a list more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeats {
    Allowed,
    Refused,
}

/// Reads `{"ids": […]}`, 1 to 100 ids.
///
/// # Errors
/// Every fault of the body, not the first.
pub fn ids_from_json(body: Value) -> Result<Vec<ResourceId>, Vec<Fault>> {
    let mut object = into_object(body)?;
    let mut faults = Vec::new();
    let ids = match object.remove("ids") {
        None => {
            faults.push(Fault::body("/ids", "required", "Which resources?"));
            Vec::new()
        }
        Some(Value::Array(items)) if items.is_empty() => {
            faults.push(Fault::body("/ids", "too_few", "At least 1 id is needed"));
            Vec::new()
        }
        Some(value) => read(&value, "/ids", MAX_IDS, Repeats::Allowed, &mut faults),
    };
    let unknown = object
        .keys()
        .map(|member| Fault::body(join("", member), "unknown_field", "The body has ids and no other field"));
    faults.extend(unknown);
    if faults.is_empty() { Ok(ids) } else { Err(faults) }
}

/// Reads a list of at most so many ids.
pub(super) fn read(
    value: &Value,
    pointer: &str,
    most: usize,
    repeats: Repeats,
    faults: &mut Vec<Fault>,
) -> Vec<ResourceId> {
    let Value::Array(items) = value else {
        faults.push(wrong_type(pointer, "an array", value));
        return Vec::new();
    };
    if items.len() > most {
        let message = format!("At most {most} ids; these are {}", items.len());
        faults.push(Fault::body(pointer, "too_many", message));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut ids = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let pointer = || format!("{pointer}/{index}");
        match item.as_str().map(ResourceId::parse) {
            None => faults.push(wrong_type(&pointer(), "a string", item)),
            Some(None) => faults.push(Fault::body(pointer(), "invalid_id", "An id is a UUID with hyphens")),
            Some(Some(id)) if !seen.insert(id) && repeats == Repeats::Refused => {
                faults.push(Fault::body(pointer(), "repeated", "This id stands here more than once"));
            }
            Some(Some(id)) => ids.push(id),
        }
    }
    ids
}
