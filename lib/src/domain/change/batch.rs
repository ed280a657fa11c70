//! Parses the operations of a batch request.

use std::collections::HashSet;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::domain::json::body::{into_object, unknown_members, wrong_type};
use crate::domain::json::fault::MAX_FAULTS;
use crate::domain::json::parse::{parse_items, parse_members};
use crate::domain::{
    Change, ExpectedVersion, Fault, Faults, Kind, MAX_ACTIONS, MAX_EXPECTED_VERSIONS, Operation, Patch,
    Pointer, Replacement, ResourceId, Values,
};

/// The most operations of a batch: each takes at least one action of a transaction.
pub const MAX_OPERATIONS: usize = MAX_ACTIONS;

/// An operation of a batch, or all of its faults, with pointers into the operation.
pub type BatchOperation = Result<Operation, Faults>;

/// Parses `{"operations": […]}`, at most `most` of them, on resources of a kind. `parse` parses a JSON text,
/// `expected` an `if_match`.
///
/// Only one operation at a time is parsed into JSON values; the parsed operations take little more memory
/// than their text.
///
/// # Errors
/// The errors of `parse`, and the faults outside the operations, mapped by `malformed` and `invalid`.
pub fn operations_from_json<E>(
    kind: &'static Kind,
    body: &RawValue,
    most: usize,
    parse: impl Fn(&str) -> Result<Value, E>,
    malformed: impl Fn(serde_json::Error) -> E,
    invalid: impl Fn(Faults) -> E,
    expected: impl Fn(&str) -> Option<ExpectedVersion>,
) -> Result<Vec<BatchOperation>, E> {
    let Some(members) = parse_members(body) else {
        let no_object = into_object(parse(body.get())?);
        return no_object.map(|_| Vec::new()).map_err(invalid);
    };
    let mut members = members.map_err(malformed)?;
    let mut faults = Faults::default();
    let at = Pointer::Root.member("operations");
    let operations = members.remove("operations");
    let items = match operations.map(|text| parse_items(text).ok_or(text)) {
        Some(Ok(items)) => {
            if items.is_empty() {
                faults.add(|| Fault::body(&at, "too_few", "At least 1 operation is needed"));
            } else if items.len() > most {
                let message = format!("At most {most} operations; these are {}", items.len());
                faults.add(|| Fault::body(&at, "too_many", message));
            }
            items
        }
        Some(Err(other)) => {
            let other = parse(other.get())?;
            faults.add(|| wrong_type(&at, "an array", &other));
            Vec::new()
        }
        None => {
            faults.add(|| Fault::body(&at, "required", "operations is required"));
            Vec::new()
        }
    };
    unknown(members.keys(), &mut faults);
    if !faults.is_empty() {
        // A malformed document takes precedence over all other faults.
        members.values().chain(&items).try_for_each(|text| parse(text.get()).map(drop))?;
    }
    let items = faults.or(items).map_err(invalid)?;
    let mut seen = HashSet::new();
    let mut requested = |item| match read(kind, item, &expected)? {
        Operation::Change { id, .. } if !seen.insert(id) => {
            Err(Fault::body("/id", "repeated", "A batch changes a resource only once").into())
        }
        operation => Ok(operation),
    };
    // The faults of all operations share the limit of one response.
    let mut room = MAX_FAULTS;
    let mut named = |requested: BatchOperation| {
        requested.map_err(|faults| {
            let faults = faults.within(room);
            room -= faults.named();
            faults
        })
    };
    items.into_iter().map(|item| Ok(named(requested(parse(item.get())?)))).collect()
}

/// Parses one operation.
fn read(
    kind: &'static Kind,
    item: Value,
    expected: &impl Fn(&str) -> Option<ExpectedVersion>,
) -> BatchOperation {
    let mut members = Members { kind, left: into_object(item)?, faults: Faults::default() };
    let operation = match members.text("op", "op is required").as_deref() {
        Some("create") => members.values().map(Operation::Create),
        Some("replace") => {
            let (id, expected, values) = (members.id(), members.expected(expected), members.replacement());
            id.zip(values).map(|(id, values)| Operation::Change {
                id,
                expected,
                change: Change::Replace(values),
            })
        }
        Some("update") => {
            let (id, expected, patch) = (members.id(), members.expected(expected), members.patch());
            id.zip(patch).map(|(id, patch)| Operation::Change { id, expected, change: Change::Update(patch) })
        }
        Some("delete") => {
            let (id, expected) = (members.id(), members.expected(expected));
            id.map(|id| Operation::Change { id, expected, change: Change::Delete })
        }
        Some(_) => {
            members.fault("op", "invalid_value", "An op is one of create, replace, update, delete");
            // Without a valid `op`, the other members cannot be checked.
            return Err(members.faults);
        }
        None => return Err(members.faults),
    };
    unknown(members.left.keys(), &mut members.faults);
    operation.filter(|_| members.faults.is_empty()).ok_or(members.faults)
}

/// The members of an operation, and its faults.
struct Members {
    kind: &'static Kind,
    left: Map<String, Value>,
    faults: Faults,
}

impl Members {
    fn id(&mut self) -> Option<ResourceId> {
        let text = self.text("id", "id is required")?;
        let id = ResourceId::parse(&text);
        if id.is_none() {
            self.fault("id", "invalid_id", "An id is a UUID with hyphens");
        }
        id
    }

    fn expected(&mut self, read: impl Fn(&str) -> Option<ExpectedVersion>) -> ExpectedVersion {
        if !self.left.contains_key("if_match") {
            return ExpectedVersion::Any;
        }
        let text = self.text("if_match", "");
        let expected = text.as_deref().and_then(read);
        if text.is_some() && expected.is_none() {
            let message = format!(
                "Expected a version, like \"3\", or what If-Match takes, {MAX_EXPECTED_VERSIONS} entity tags at most"
            );
            self.fault("if_match", "invalid_value", &message);
        }
        expected.unwrap_or(ExpectedVersion::Any)
    }

    fn values(&mut self) -> Option<Values> {
        let body = self.body()?;
        self.within_body(Values::from_json(self.kind, body))
    }

    fn replacement(&mut self) -> Option<Replacement> {
        let body = self.body()?;
        self.within_body(Replacement::from_json(self.kind, body))
    }

    /// A merge patch. Faults in its values are found when it is applied to the resource.
    fn patch(&mut self) -> Option<Patch> {
        let body = self.body()?;
        self.within_body(into_object(body)).map(|patch| Value::Object(patch).into())
    }

    fn body(&mut self) -> Option<Value> {
        let body = self.left.remove("body");
        if body.is_none() {
            self.fault("body", "required", "body is required");
        }
        body
    }

    /// A required member that must be a string.
    fn text(&mut self, name: &str, question: &str) -> Option<String> {
        match self.left.remove(name) {
            Some(Value::String(text)) => return Some(text),
            Some(other) => self.faults.add(|| wrong_type(&Pointer::Root.member(name), "a string", &other)),
            None => self.fault(name, "required", question),
        }
        None
    }

    fn within_body<T>(&mut self, read: Result<T, Faults>) -> Option<T> {
        read.map_err(|faults| self.faults.extend(faults.below(&Pointer::Root.member("body")))).ok()
    }

    fn fault(&mut self, name: &str, code: &'static str, message: &str) {
        self.faults.add(|| Fault::body(&Pointer::Root.member(name), code, message));
    }
}

fn unknown<'a>(names: impl Iterator<Item = &'a String>, faults: &mut Faults) {
    unknown_members(&Pointer::Root, names, "There is no such field here", faults);
}
