//! Parses a line of an import file into a resource. It is validated like a request body, but may set the
//! server's fields.

use serde_json::{Map, Value};

use super::identity::id_of_line;
use super::line::DELETION;
use super::server_owned::{ServerOwned, moment};
use crate::domain::json::body::{MAX_BODY_LENGTH, into_object, wrong_type};
use crate::domain::{
    Caller, Collection, Fault, Faults, Field, Pointer, Refusal, Replacement, Resource, Retention, Role,
    ShownStatus, Status, Timestamp, check_new, parse_json,
};

/// The creator of a record whose line has no `created_by`.
const UNKNOWN_SUBJECT: &str = "import";

const PURGE_AT: Field = Field::timestamp("purge_at");

/// The settings of an import.
#[derive(Debug, Clone)]
pub struct ImportRules {
    /// The tenant and the kind of the records.
    pub collection: Collection,
    /// The retention of a deleted record whose line has no `purge_at`.
    pub retention: Retention,
    /// The time at which the file was first imported: the creation time of a record with neither `id` nor
    /// `created_at`.
    pub started_at: Timestamp,
}

/// The deletion of a deleted record.
struct Deletion {
    /// The time of the purge, if the line has it.
    purge_at: Option<Timestamp>,
}

impl ImportRules {
    /// Parses a line, without its line break. `number` counts from 1.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with every fault of the line; [`Refusal::Defect`] if a rule of the kind is
    /// defective.
    pub fn read(&self, number: u64, line: &[u8]) -> Result<Resource, Refusal> {
        let mut object = members(line).map_err(Refusal::Invalid)?;
        let mut faults = Faults::default();
        let owned = ServerOwned::take(&mut object, self.started_at, &mut faults);
        let deletion = self.deletion(&mut object, &owned, &mut faults);
        let created_by = owned.created_by.unwrap_or_else(|| UNKNOWN_SUBJECT.to_owned());
        let read = Replacement::from_json(self.collection.kind, Value::Object(object));
        let values = match read.map(|replacement| replacement.values) {
            Ok(values) => values,
            Err(more) => {
                faults.extend(more);
                return Err(Refusal::Invalid(faults));
            }
        };
        // The creator had the permission in the system that the record comes from.
        let creator =
            Caller { tenant: self.collection.tenant.clone(), subject: created_by, role: Role::Admin };
        match check_new(&values, &creator) {
            Ok(()) => {}
            Err(Refusal::Invalid(more)) => faults.extend(more),
            Err(defect) => return Err(defect),
        }
        faults.or(()).map_err(Refusal::Invalid)?;
        let created_at = owned.created_at.unwrap_or(self.started_at);
        let id = owned.id.unwrap_or_else(|| id_of_line(&self.collection, created_at, number, line));
        let updated_at = owned.updated_at.unwrap_or(created_at);
        Ok(Resource {
            id,
            values,
            version: owned.version,
            updated_at,
            updated_by: owned.updated_by.unwrap_or_else(|| creator.subject.clone()),
            created_by: creator.subject,
            purge_at: deletion.map(|it| it.purge_at.unwrap_or_else(|| self.retention.end(updated_at))),
        })
    }

    /// The deletion of a deleted record; `None` for any other. Leaves in `object` the status after a restore.
    fn deletion(
        &self,
        object: &mut Map<String, Value>,
        owned: &ServerOwned,
        faults: &mut Faults,
    ) -> Option<Deletion> {
        let kind = self.collection.kind;
        let status = object.get("status").and_then(Value::as_str)?;
        if ShownStatus::parse(kind, status) != Some(ShownStatus::Deleted) {
            return None;
        }
        object.remove("status");
        let deletion = object.remove(DELETION).filter(|value| !value.is_null());
        let at = Pointer::Root.member(DELETION);
        let mut deletion = match deletion {
            None => return Some(Deletion { purge_at: None }),
            Some(Value::Object(deletion)) => deletion,
            Some(other) => {
                faults.add(|| wrong_type(&at, "an object", &other));
                return Some(Deletion { purge_at: None });
            }
        };
        let mut inner = Faults::default();
        let purge_at = moment(&PURGE_AT, &mut deletion, &mut inner);
        if let Some(purge_at) = purge_at
            && owned.updated_at.is_some_and(|updated_at| purge_at < updated_at)
        {
            let message = "purge_at must not be before updated_at";
            inner.add(|| Fault::body(&Pointer::Root.member(PURGE_AT.name), "invalid_value", message));
        }
        match deletion.remove("status") {
            None | Some(Value::Null) => {}
            Some(status) if status.as_str().is_some_and(|word| Status::parse(kind, word).is_some()) => {
                object.insert("status".to_owned(), status);
            }
            Some(_) => inner.add(|| {
                let message = format!("A status is one of {}", kind.statuses.list());
                Fault::body(&Pointer::Root.member("status"), "invalid_value", message)
            }),
        }
        faults.extend(inner.below(&at));
        for name in deletion.keys() {
            let message = format!("{DELETION} has status and purge_at, and no other member");
            faults.add(|| Fault::body(&at.member(name), "unknown_field", message));
        }
        // DynamoDB's TTL has a precision of one second.
        let whole_seconds = |purge_at: Timestamp| Timestamp::from_epoch(purge_at.since_epoch().0, 0);
        Some(Deletion { purge_at: purge_at.map(whole_seconds) })
    }
}

/// The members of a line.
fn members(line: &[u8]) -> Result<Map<String, Value>, Faults> {
    if line.len() > MAX_BODY_LENGTH {
        let message = format!("A line has at most {MAX_BODY_LENGTH} bytes");
        return Err(Fault::body("", "content_too_large", message).into());
    }
    let malformed = |message: String| Faults::from(Fault::body("", "malformed_json", message));
    let text = str::from_utf8(line).map_err(|error| malformed(format!("the line is not UTF-8: {error}")))?;
    let body = parse_json(text).map_err(|error| {
        // The parsed text is one line of the file, so its line number is always 1.
        malformed(error.to_string().replacen(" at line 1 column ", " at column ", 1))
    })?;
    into_object(body)
}
