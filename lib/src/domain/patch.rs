//! JSON merge patches (RFC 7396) over the fields that a client owns.

use serde_json::Value;

use super::body::into_object;
use super::values::{CLIENT_OWNED_FIELDS, unknown_fields};
use super::{Faults, Values};

/// What `values` become under a merge patch. `null` puts a field back to its default; fields that the server owns
/// are ignored.
///
/// # Errors
/// Every fault of the patch and of what it makes, with pointers into the patched document.
pub fn merge_patch(values: &Values, patch: &Value) -> Result<Values, Faults> {
    let mut patch = into_object(patch.clone())?;
    let mut faults = Faults::default();
    unknown_fields(&patch, &mut faults);
    patch.retain(|field, _| CLIENT_OWNED_FIELDS.contains(&field.as_str()));
    let mut document = values.to_json();
    json_patch::merge(&mut document, &Value::Object(patch));
    match Values::from_json(document) {
        Ok(values) => faults.or(values),
        Err(more) => {
            faults.extend(more);
            Err(faults)
        }
    }
}
