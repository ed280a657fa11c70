//! JSON merge patches (RFC 7396) over the fields that a client owns.

use serde_json::Value;

use super::body::into_object;
use super::values::{CLIENT_OWNED_FIELDS, unknown_fields};
use super::{Fault, Values};

/// What `values` become under a merge patch. `null` puts a field back to its default; fields that the server owns
/// are ignored.
///
/// # Errors
/// Every fault of the patch and of what it makes, with pointers into the patched document.
pub fn merge_patch(values: &Values, patch: &Value) -> Result<Values, Vec<Fault>> {
    let mut patch = into_object(patch.clone())?;
    let mut faults = unknown_fields(&patch);
    patch.retain(|field, _| CLIENT_OWNED_FIELDS.contains(&field.as_str()));
    let mut document = values.to_json();
    json_patch::merge(&mut document, &Value::Object(patch));
    match Values::from_json(document) {
        Ok(values) if faults.is_empty() => Ok(values),
        Ok(_) => Err(faults),
        Err(more) => {
            faults.extend(more);
            Err(faults)
        }
    }
}
