//! Several operations at once, from a request's body.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::body::{into_object, wrong_type};
use super::fault::join;
use super::{Change, ExpectedVersion, Fault, Operation, ResourceId, Values};

/// The most operations of a batch: DynamoDB's limit for a transaction.
pub const MAX_OPERATIONS: usize = 100;

/// What a batch says of one of its operations: what is wanted, or every fault of it, with pointers into the operation.
pub type Requested = Result<Operation, Vec<Fault>>;

/// Reads `{"operations": […]}`, at most `most` of them. `expected` reads an `if_match`.
///
/// # Errors
/// Every fault of what is around the operations.
pub fn operations_from_json(
    body: Value,
    most: usize,
    expected: impl Fn(&str) -> Option<ExpectedVersion>,
) -> Result<Vec<Requested>, Vec<Fault>> {
    let mut object = into_object(body)?;
    let mut faults = Vec::new();
    let items = match object.remove("operations") {
        Some(Value::Array(items)) => {
            if items.is_empty() {
                faults.push(Fault::body("/operations", "too_few", "At least 1 operation is needed"));
            } else if items.len() > most {
                let message = format!("At most {most} operations; these are {}", items.len());
                faults.push(Fault::body("/operations", "too_many", message));
            }
            items
        }
        Some(other) => {
            faults.push(wrong_type("/operations", "an array", &other));
            Vec::new()
        }
        None => {
            faults.push(Fault::body("/operations", "required", "What is to be done?"));
            Vec::new()
        }
    };
    faults.extend(unknown(&object));
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut seen = HashSet::new();
    let requested = |item| match read(item, &expected)? {
        Operation::Change { id, .. } if !seen.insert(id) => {
            Err(vec![Fault::body("/id", "repeated", "A batch changes a resource only once")])
        }
        operation => Ok(operation),
    };
    Ok(items.into_iter().map(requested).collect())
}

/// Reads one operation.
fn read(item: Value, expected: &impl Fn(&str) -> Option<ExpectedVersion>) -> Requested {
    let mut members = Members { left: into_object(item)?, faults: Vec::new() };
    let operation = match members.text("op", "What is to be done?").as_deref() {
        Some("create") => members.values().map(Operation::Create),
        Some("replace") => {
            let (id, expected, values) = (members.id(), members.expected(expected), members.values());
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
            // What else it says means nothing without.
            return Err(members.faults);
        }
        None => return Err(members.faults),
    };
    members.faults.extend(unknown(&members.left));
    operation.filter(|_| members.faults.is_empty()).ok_or(members.faults)
}

/// The members of an operation, and everything that is wrong with them.
struct Members {
    left: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Members {
    fn id(&mut self) -> Option<ResourceId> {
        let text = self.text("id", "Which resource?")?;
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
            self.fault("if_match", "invalid_value", "Expected a version, like \"3\", or what If-Match takes");
        }
        expected.unwrap_or(ExpectedVersion::Any)
    }

    fn values(&mut self) -> Option<Values> {
        let body = self.body()?;
        self.within_body(Values::from_json(body))
    }

    /// A merge patch. The faults of what it says are those of what it makes of the resource.
    fn patch(&mut self) -> Option<Value> {
        let body = self.body()?;
        self.within_body(into_object(body)).map(Value::Object)
    }

    fn body(&mut self) -> Option<Value> {
        let body = self.left.remove("body");
        if body.is_none() {
            self.fault("body", "required", "What is to be stored?");
        }
        body
    }

    /// A member that must be there, and be a string.
    fn text(&mut self, name: &str, question: &str) -> Option<String> {
        match self.left.remove(name) {
            Some(Value::String(text)) => return Some(text),
            Some(other) => self.faults.push(wrong_type(&join("", name), "a string", &other)),
            None => self.fault(name, "required", question),
        }
        None
    }

    fn within_body<T>(&mut self, read: Result<T, Vec<Fault>>) -> Option<T> {
        read.map_err(|faults| self.faults.extend(faults.into_iter().map(|fault| fault.below("/body")))).ok()
    }

    fn fault(&mut self, name: &str, code: &'static str, message: &str) {
        self.faults.push(Fault::body(join("", name), code, message));
    }
}

/// A fault for each member that has no meaning, in the order of their names.
fn unknown(members: &Map<String, Value>) -> Vec<Fault> {
    let names: BTreeSet<&String> = members.keys().collect();
    let fault = |name: &String| Fault::body(join("", name), "unknown_field", "There is no such field here");
    names.into_iter().map(fault).collect()
}
