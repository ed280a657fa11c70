//! JSON merge patches (RFC 7396) over the fields that a client owns.

use serde_json::{Map, Value};

use crate::domain::json::body::into_object;
use crate::domain::kind::{is_client_owned, unknown_fields};
use crate::domain::{Fault, Faults, Replacement, Values};

/// A merge patch, as JSON text: a batch may have many, and only the one being applied is parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch(String);

impl From<Value> for Patch {
    fn from(patch: Value) -> Self {
        Self(patch.to_string())
    }
}

impl Patch {
    /// Applies the patch to `values`. `null` sets a field to its default; fields that the server owns are
    /// ignored.
    ///
    /// # Errors
    /// Every fault of the patch and of the patched values, with pointers into the patched document.
    pub fn apply(&self, values: &Values) -> Result<Values, Faults> {
        let unreadable = |_| Fault::body("", "malformed_json", "The patch is not JSON");
        let kind = values.kind();
        let mut patch = into_object(serde_json::from_str(&self.0).map_err(unreadable)?)?;
        let mut faults = Faults::default();
        unknown_fields(kind, &patch, &mut faults);
        patch.retain(|field, _| is_client_owned(kind, field));
        let patched: Vec<String> = patch.keys().cloned().collect();
        let mut document = values.to_json();
        merge(&mut document, Value::Object(patch));
        match Replacement::from_json(kind, document) {
            Ok(replacement) => faults.or(replacement.values),
            Err(more) => {
                faults.extend(more.stored_but_in(&patched));
                Err(faults)
            }
        }
    }
}

/// `MergePatch` of RFC 7396, section 2. It consumes the patch instead of cloning it, because both may be
/// large.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(&name);
        } else {
            merge(target.entry(name).or_insert(Value::Null), value);
        }
    }
}
