//! Request bodies with a list of ids.

use serde_json::Value;

use crate::domain::json::body::{into_object, unknown_members, wrong_type};
use crate::domain::{Fault, Faults, Pointer, ResourceId};

/// The most ids of a request.
pub const MAX_IDS: usize = 100;

/// Parses `{"ids": […]}`, 1 to 100 ids.
///
/// # Errors
/// Every fault of the body, not only the first.
pub fn ids_from_json(body: Value) -> Result<Vec<ResourceId>, Faults> {
    let mut object = into_object(body)?;
    let mut faults = Faults::default();
    let at = Pointer::Root.member("ids");
    let ids = match object.remove("ids") {
        None => {
            faults.add(|| Fault::body(&at, "required", "Which resources?"));
            Vec::new()
        }
        Some(Value::Array(items)) if items.is_empty() => {
            faults.add(|| Fault::body(&at, "too_few", "At least 1 id is needed"));
            Vec::new()
        }
        Some(value) => read(&value, &at, MAX_IDS, &mut faults),
    };
    unknown_members(&Pointer::Root, object.keys(), "Unknown member: only ids is allowed", &mut faults);
    faults.or(ids)
}

/// Parses a list of at most `most` ids.
fn read(value: &Value, at: &Pointer<'_>, most: usize, faults: &mut Faults) -> Vec<ResourceId> {
    let Value::Array(items) = value else {
        faults.add(|| wrong_type(at, "an array", value));
        return Vec::new();
    };
    if items.len() > most {
        let message = format!("At most {most} ids; these are {}", items.len());
        faults.add(|| Fault::body(at, "too_many", message));
        return Vec::new();
    }
    let mut ids = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let at = at.item(index);
        match item.as_str().map(ResourceId::parse) {
            None => faults.add(|| wrong_type(&at, "a string", item)),
            Some(None) => faults.add(|| Fault::body(&at, "invalid_id", "An id is a UUID with hyphens")),
            Some(Some(id)) => ids.push(id),
        }
    }
    ids
}
