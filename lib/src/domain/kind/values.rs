//! The client-owned part of a resource: a status, and a value for each field of its kind.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::{Field, Kind, Type, read};
use crate::domain::json::body::{into_object, unknown_members, wrong_type};
use crate::domain::{Fault, Faults, FieldRef, JsonText, Pointer, ResourceId, Status};

/// The value of a field. Objects and lists are kept as one text, because a tree takes up to 90 times the
/// memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// Nothing.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number, in its canonical form.
    Number(String),
    /// A text, a word of a choice, a time or a day.
    Text(String),
    /// A reference.
    Reference(ResourceId),
    /// A list of references.
    References(Vec<ResourceId>),
    /// An object, or another list.
    Json(JsonText),
}

/// The client-owned part of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    kind: &'static Kind,
    status: Status,
    /// One for each field of the kind, in the order of declaration.
    fields: Vec<FieldValue>,
}

/// The values that a client requests for a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The values.
    pub values: Values,
    /// Whether the body has no `status`. A kind with transitions then keeps the current one.
    pub keeps_status: bool,
}

impl FieldValue {
    /// From a canonical value of a field.
    fn of(field: &'static Field, value: Value) -> Self {
        match (&field.field_type, value) {
            (_, Value::Null) => Self::Null,
            (_, Value::Bool(value)) => Self::Boolean(value),
            (_, Value::Number(number)) => Self::Number(number.as_str().to_owned()),
            (Type::Reference(_), Value::String(text)) => {
                ResourceId::parse(&text).map_or(Self::Null, Self::Reference)
            }
            (_, Value::String(text)) => Self::Text(text),
            (_, Value::Array(items)) if field.is_reference_list() => {
                let id = |item: &Value| item.as_str().and_then(ResourceId::parse);
                Self::References(items.iter().filter_map(id).collect())
            }
            (_, value) => Self::Json(JsonText::of(value)),
        }
    }

    /// From the JSON that it was serialized as. Objects and lists are kept as text, without parsing them.
    pub(crate) fn of_printed(field: &'static Field, json: &RawValue) -> Option<Self> {
        let has_parts = matches!(field.field_type, Type::Json | Type::Object(_) | Type::List(_));
        let is_text = has_parts && !field.is_reference_list() && json.get() != "null";
        if is_text && !json.get().contains('\\') {
            return Some(Self::Json(JsonText::from_json(json.get())));
        }
        serde_json::from_str(json.get()).ok().map(|value| Self::of(field, value))
    }

    /// From a value to compare stored values with, or the message of a fault. It need not be valid: a value
    /// that breaks a rule for lengths, bounds or patterns is only equal to no stored one.
    ///
    /// # Errors
    /// The message for the client.
    pub fn for_comparison(field: &'static Field, value: Value) -> Result<Self, String> {
        read::comparable(field, value).map(|value| Self::of(field, value))
    }

    /// The value of a field that is omitted.
    pub fn default_of(field: &'static Field) -> Self {
        Self::of(field, read::default(field))
    }

    /// The value as JSON, with the members of objects that are declared now.
    fn in_line(&self, field: &'static Field) -> Value {
        let json = serde_json::to_value(self).unwrap_or_default();
        if let Self::Json(_) = self { read::in_line(field, json) } else { json }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The ids that it refers to.
    pub fn references(&self) -> &[ResourceId] {
        match self {
            Self::Reference(id) => std::slice::from_ref(id),
            Self::References(ids) => ids,
            _ => &[],
        }
    }
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Number(text) => Number::from_string_unchecked(text.clone()).serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Reference(id) => id.serialize(serializer),
            Self::References(ids) => ids.serialize(serializer),
            Self::Json(text) => text.serialize(serializer),
        }
    }
}

impl Values {
    /// Values of a kind: one for each of its fields, in the order of declaration.
    pub fn new(kind: &'static Kind, status: Status, fields: Vec<FieldValue>) -> Self {
        debug_assert_eq!(fields.len(), kind.fields.len());
        Self { kind, status, fields }
    }

    /// Parses the values of a new resource from a request body. Fields that are omitted or `null` get their
    /// default.
    ///
    /// # Errors
    /// Every fault of the body, not only the first.
    pub fn from_json(kind: &'static Kind, body: Value) -> Result<Self, Faults> {
        let statuses = &kind.statuses;
        let initial = std::slice::from_ref(&statuses.initial);
        let allowed = if statuses.transitions.is_some() { initial } else { statuses.words };
        read_body(kind, body, allowed).map(|read| read.values)
    }

    /// The fields as the JSON document that a merge patch applies to. Objects have the members that are declared now.
    pub fn to_json(&self) -> Value {
        let members = self.kind.fields.iter().zip(&self.fields);
        let mut document: Map<_, _> =
            members.map(|(field, value)| (field.name.to_owned(), value.in_line(field))).collect();
        document.insert("status".to_owned(), self.status.as_str().into());
        Value::Object(document)
    }

    /// Deserializes the values into another type, for rules and other code of a team.
    ///
    /// # Errors
    /// If the type does not fit the declaration.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(self.to_json())
    }

    /// The kind.
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// The status.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether a field is equal in other values. Undeclared members of objects are ignored.
    pub(super) fn is_same(&self, field: FieldRef, other: &Self) -> bool {
        let (one, another) = (self.get(field), other.get(field));
        let in_line = |value: Option<&FieldValue>| Some(value?.in_line(self.kind.declaration(field)?));
        one == another || in_line(one) == in_line(another)
    }

    /// The same values with another status.
    #[must_use]
    pub fn with_status(self, status: Status) -> Self {
        Self { status, ..self }
    }

    /// The value of a field; `None` for one that the server owns.
    pub fn get(&self, field: FieldRef) -> Option<&FieldValue> {
        self.fields.get(field.position()?)
    }

    /// The value of the field of a name; `None` if the kind declares none.
    pub fn named(&self, name: &str) -> Option<&FieldValue> {
        self.get(self.kind.field_ref(name)?)
    }

    /// The same values with another value for the field of a name.
    #[must_use]
    pub fn with(mut self, name: &str, value: FieldValue) -> Self {
        let position = self.kind.fields.iter().position(|field| field.name == name);
        if let Some(slot) = position.and_then(|position| self.fields.get_mut(position)) {
            *slot = value;
        }
        self
    }

    /// Each field with its value.
    pub fn iter(&self) -> impl Iterator<Item = (FieldRef, &'static Field, &FieldValue)> {
        let declared = self.kind.declared();
        declared.zip(&self.fields).map(|((field, declared), value)| (field, declared, value))
    }
}

impl Replacement {
    /// Parses the values of a replacement from a request body.
    ///
    /// # Errors
    /// Every fault of the body, not only the first.
    pub fn from_json(kind: &'static Kind, body: Value) -> Result<Self, Faults> {
        read_body(kind, body, kind.statuses.words)
    }
}

/// Adds a fault for each member that is not a field of the kind.
pub(in crate::domain) fn unknown_fields(kind: &Kind, object: &Map<String, Value>, faults: &mut Faults) {
    let unknown = object.keys().filter(|name| kind.field_ref(name).is_none());
    unknown_members(&Pointer::Root, unknown, "A resource has no such field", faults);
}

/// Whether a client owns the field of a name.
pub(in crate::domain) fn is_client_owned(kind: &Kind, name: &str) -> bool {
    name == "status" || kind.fields.iter().any(|field| field.name == name)
}

/// Parses a body. Fields that the server owns are ignored, so that a client can send back what it read.
fn read_body(kind: &'static Kind, body: Value, statuses: &[&'static str]) -> Result<Replacement, Faults> {
    let mut object = into_object(body)?;
    let mut faults = Faults::default();
    unknown_fields(kind, &object, &mut faults);
    // `null` requests the initial status; without the member, the current one stays.
    let keeps_status = !object.contains_key("status");
    let given = object.remove("status").filter(|value| !value.is_null());
    let (mut fields, mut status) = (Vec::with_capacity(kind.fields.len()), None);
    for field in kind.fields {
        let value = read::member(field, &mut object, &Pointer::Root, &mut faults);
        fields.push(FieldValue::of(field, value));
        // The status is checked after the first field, because faults are in the order in which a resource
        // shows its fields.
        status.get_or_insert_with(|| read_status(kind, given.as_ref(), statuses, &mut faults));
    }
    let status = status.unwrap_or_else(|| read_status(kind, given.as_ref(), statuses, &mut faults));
    faults.or(Replacement { values: Values::new(kind, status, fields), keeps_status })
}

fn read_status(kind: &Kind, given: Option<&Value>, allowed: &[&'static str], faults: &mut Faults) -> Status {
    let initial = Status::initial(kind);
    let at = Pointer::Root.member("status");
    match given {
        None => return initial,
        Some(Value::String(word)) => {
            if let Some(status) = Status::parse(kind, word).filter(|it| allowed.contains(&it.as_str())) {
                return status;
            }
            let message = if allowed.len() < kind.statuses.words.len() {
                format!("A new resource of this kind must have the status {}", initial.as_str())
            } else {
                format!("A status is one of {}", kind.statuses.list())
            };
            faults.add(|| Fault::body(&at, "invalid_value", message));
        }
        Some(other) => faults.add(|| wrong_type(&at, "a string", other)),
    }
    initial
}
