//! The fields of a resource that a client owns, and their rules.

use serde_json::{Map, Value};

use crate::domain::json::body::{into_object, unknown_members, wrong_type};
use crate::domain::json::id_list::{self, Repeats};
use crate::domain::{Attributes, Fault, Faults, Pointer, ResourceId, Status};

/// The longest name, in characters (Unicode scalar values).
pub const MAX_NAME_LENGTH: usize = 200;
/// The longest description, in characters (Unicode scalar values).
pub const MAX_DESCRIPTION_LENGTH: usize = 10_000;
/// The most relations that a resource may have.
pub const MAX_RELATED_IDS: usize = 100;

/// The fields that the server owns. A body may carry them, so that what was read can be sent back; they are ignored.
const SERVER_OWNED_FIELDS: [&str; 6] =
    ["id", "version", "created_at", "created_by", "updated_at", "updated_by"];

/// The fields that a client owns.
pub(in crate::domain) const CLIENT_OWNED_FIELDS: [&str; 5] =
    ["name", "status", "description", "attributes", "related_ids"];

/// What a client says of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// 1 to 200 characters, no control characters, no white space at either end.
    pub name: String,
    /// Where the resource is in its life.
    pub status: Status,
    /// At most 10,000 characters.
    pub description: Option<String>,
    /// Anything else, as JSON.
    pub attributes: Attributes,
    /// At most 100 other resources, in the client's order. They need not exist.
    pub related_ids: Vec<ResourceId>,
}

impl Values {
    /// Reads the fields from a request's JSON body. What is left out, or `null` where a default exists, gets the
    /// default.
    ///
    /// # Errors
    /// Every fault of the body, not the first.
    pub fn from_json(body: Value) -> Result<Self, Faults> {
        let mut object = into_object(body)?;
        let mut faults = Faults::default();
        unknown_fields(&object, &mut faults);
        let mut take = |field: &str| object.remove(field).filter(|value| !value.is_null());
        let values = Self {
            name: name(take("name"), &mut faults),
            status: status(take("status").as_ref(), &mut faults),
            description: description(take("description"), &mut faults),
            attributes: attributes(take("attributes"), &mut faults),
            related_ids: related_ids(take("related_ids"), &mut faults),
        };
        faults.or(values)
    }

    /// The fields as the JSON document that a merge patch applies to.
    pub fn to_json(&self) -> Value {
        let related_ids: Vec<String> = self.related_ids.iter().map(ToString::to_string).collect();
        serde_json::json!({
            "name": self.name,
            "status": self.status,
            "description": self.description,
            "attributes": self.attributes,
            "related_ids": related_ids,
        })
    }
}

/// Adds a fault for each field that no resource has.
pub(in crate::domain) fn unknown_fields(object: &Map<String, Value>, faults: &mut Faults) {
    let known = |field: &str| CLIENT_OWNED_FIELDS.contains(&field) || SERVER_OWNED_FIELDS.contains(&field);
    unknown_members(object.keys().filter(|field| !known(field)), "A resource has no such field", faults);
}

fn name(value: Option<Value>, faults: &mut Faults) -> String {
    let Some(value) = value else {
        faults.add(|| Fault::body("/name", "required", "A resource needs a name"));
        return String::new();
    };
    let Value::String(text) = value else {
        faults.add(|| wrong_type(&Pointer::Root.member("name"), "a string", &value));
        return String::new();
    };
    let name = text.trim();
    if name.is_empty() {
        faults.add(|| {
            Fault::body("/name", "too_short", "A name needs at least 1 character besides white space")
        });
    }
    check_length("/name", name, MAX_NAME_LENGTH, faults);
    if name.chars().any(char::is_control) {
        faults.add(|| Fault::body("/name", "control_character", "A name may not hold control characters"));
    }
    name.to_owned()
}

fn status(value: Option<&Value>, faults: &mut Faults) -> Status {
    let status = match value {
        None => Some(Status::default()),
        Some(Value::String(word)) => Status::parse(word),
        Some(other) => {
            faults.add(|| wrong_type(&Pointer::Root.member("status"), "a string", other));
            return Status::default();
        }
    };
    status.unwrap_or_else(|| {
        let message = format!("A status is one of {}", Status::words());
        faults.add(|| Fault::body("/status", "invalid_value", message));
        Status::default()
    })
}

fn description(value: Option<Value>, faults: &mut Faults) -> Option<String> {
    match value? {
        Value::String(text) => {
            check_length("/description", &text, MAX_DESCRIPTION_LENGTH, faults);
            Some(text)
        }
        other => {
            faults.add(|| wrong_type(&Pointer::Root.member("description"), "a string or null", &other));
            None
        }
    }
}

fn attributes(value: Option<Value>, faults: &mut Faults) -> Attributes {
    match value {
        None => Attributes::default(),
        Some(Value::Object(object)) => {
            Attributes::from_request(object, &Pointer::Root.member("attributes"), faults)
        }
        Some(other) => {
            faults.add(|| wrong_type(&Pointer::Root.member("attributes"), "an object", &other));
            Attributes::default()
        }
    }
}

fn related_ids(value: Option<Value>, faults: &mut Faults) -> Vec<ResourceId> {
    value.map_or_else(Vec::new, |value| {
        id_list::read(&value, &Pointer::Root.member("related_ids"), MAX_RELATED_IDS, Repeats::Refused, faults)
    })
}

fn check_length(pointer: &str, text: &str, longest: usize, faults: &mut Faults) {
    let length = text.chars().count();
    if length > longest {
        let message = format!("At most {longest} characters; these are {length}");
        faults.add(|| Fault::body(pointer, "too_long", message));
    }
}
