//! The members of a line that are ignored in a request body, because the server owns them, but used in an
//! import.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::domain::json::body::wrong_type;
use crate::domain::kind::read;
use crate::domain::{Fault, Faults, Field, MAX_SUBJECT_LENGTH, Pointer, ResourceId, Timestamp, Version};

/// The greatest version that a line may have: the greatest integer that every JSON parser reads exactly.
const MAX_VERSION: i64 = 9_007_199_254_740_991;
/// The greatest difference between the clocks of the machines that wrote a record.
const CLOCK_SKEW: Duration = Duration::from_mins(5);
/// The earliest time that an id can hold.
const FIRST_MOMENT: &str = "1970-01-01T00:00:00";

const VERSION: Field = Field::integer("version").between(1, MAX_VERSION);
const CREATED_AT: Field = Field::timestamp("created_at");
const UPDATED_AT: Field = Field::timestamp("updated_at");
const CREATED_BY: Field = Field::text("created_by").anything().length(1, MAX_SUBJECT_LENGTH);
const UPDATED_BY: Field = Field::text("updated_by").anything().length(1, MAX_SUBJECT_LENGTH);

/// The values of the members that the server owns.
#[derive(Debug)]
pub(super) struct ServerOwned {
    pub(super) id: Option<ResourceId>,
    /// That of the line, or else the id's own time.
    pub(super) created_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
    pub(super) created_by: Option<String>,
    pub(super) updated_by: Option<String>,
    pub(super) version: Version,
}

impl ServerOwned {
    /// Removes these members from the object of a line.
    pub(super) fn take(object: &mut Map<String, Value>, imported_at: Timestamp, faults: &mut Faults) -> Self {
        let id = id(object.remove("id"), faults);
        let created_at = moment(&CREATED_AT, object, faults);
        let updated_at = moment(&UPDATED_AT, object, faults);
        let mut taken = |field: &'static Field| {
            let value = read::member(field, object, &Pointer::Root, faults);
            object.remove(field.name);
            value
        };
        let (created_by, updated_by) = (text(taken(&CREATED_BY)), text(taken(&UPDATED_BY)));
        let version = taken(&VERSION).as_u64().unwrap_or(1);
        let owned = Self {
            id,
            created_at: created_at.or_else(|| id.map(ResourceId::created_at)),
            updated_at,
            created_by,
            updated_by,
            version,
        };
        owned.check_times(created_at, imported_at, faults);
        owned
    }

    fn check_times(&self, given: Option<Timestamp>, imported_at: Timestamp, faults: &mut Faults) {
        let at = Pointer::Root;
        if let (Some(id), Some(given)) = (self.id, given)
            && id.created_at() != given
        {
            let message = format!("created_at must be the time in the id, {}", id.created_at());
            faults.add(|| Fault::body(&at.member("created_at"), "invalid_value", message));
        }
        let later = |time: Timestamp| time.checked_add(CLOCK_SKEW).unwrap_or(time);
        for (name, time) in [("created_at", self.created_at), ("updated_at", self.updated_at)] {
            // Otherwise a later change would have an earlier `updated_at`.
            if time.is_some_and(|time| time > later(imported_at)) {
                faults.add(|| {
                    Fault::body(
                        &at.member(name),
                        "invalid_value",
                        "The time must be at most 5 minutes after the first import of the file",
                    )
                });
            }
        }
        match (self.created_at, self.updated_at) {
            (Some(created_at), Some(updated_at)) if later(updated_at) < created_at => {
                let message =
                    format!("updated_at must not be before created_at, {created_at} (but for 5 minutes)");
                faults.add(|| Fault::body(&at.member("updated_at"), "invalid_value", message));
            }
            (None, Some(_)) => faults.add(|| {
                let message = "A line with updated_at needs id or created_at";
                Fault::body(&at.member("created_at"), "required", message)
            }),
            _ => {}
        }
    }
}

fn id(value: Option<Value>, faults: &mut Faults) -> Option<ResourceId> {
    let at = Pointer::Root.member("id");
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            let id = ResourceId::parse(&text).filter(|id| id.is_version_7());
            if id.is_none() {
                faults.add(|| Fault::body(&at, "invalid_id", "An id is a UUID version 7 with hyphens"));
            }
            id
        }
        Some(other) => {
            faults.add(|| wrong_type(&at, "a string", &other));
            None
        }
    }
}

/// Removes a time from the object, truncated to milliseconds.
pub(super) fn moment(
    field: &'static Field,
    object: &mut Map<String, Value>,
    faults: &mut Faults,
) -> Option<Timestamp> {
    let moment = text(read::member(field, object, &Pointer::Root, faults));
    object.remove(field.name);
    let moment = moment?;
    if *moment < *FIRST_MOMENT {
        let message = format!("The time must not be before {FIRST_MOMENT}Z");
        faults.add(|| Fault::body(&Pointer::Root.member(field.name), "invalid_value", message));
        return None;
    }
    Timestamp::parse(&moment)
}

fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}
