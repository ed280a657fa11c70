//! What a client says of a resource: a status, and a value for each field of its kind.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::{Field, Kind, Type, read};
use crate::domain::json::body::{into_object, unknown_members, wrong_type};
use crate::domain::{Fault, Faults, FieldRef, JsonText, Pointer, ResourceId, Status};

/// What a field holds. What has parts is kept as one text, for its parts take up to 90 times the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// Nothing.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number, in its one spelling.
    Number(String),
    /// A text, a word of a choice, a moment or a day.
    Text(String),
    /// A reference.
    Reference(ResourceId),
    /// A list of references.
    References(Vec<ResourceId>),
    /// An object, or another list.
    Json(JsonText),
}

/// What a client says of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    kind: &'static Kind,
    status: Status,
    /// One for each field of the kind, in its order.
    fields: Vec<FieldValue>,
}

/// What a client wants a resource to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The values.
    pub values: Values,
    /// Whether the status stays what it is, where the kind has transitions: none was given.
    pub keeps_status: bool,
}

impl FieldValue {
    /// Of a value of a field in its one spelling.
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

    /// Of the JSON that it was printed as; of what has parts, nothing but its text is looked at.
    pub(crate) fn of_printed(field: &'static Field, json: &RawValue) -> Option<Self> {
        let has_parts = matches!(field.field_type, Type::Json | Type::Object(_) | Type::List(_));
        let is_text = has_parts && !field.is_reference_list() && json.get() != "null";
        if is_text && !json.get().contains('\\') {
            return Some(Self::Json(JsonText::from_json(json.get())));
        }
        serde_json::from_str(json.get()).ok().map(|value| Self::of(field, value))
    }

    /// Of a value that stored ones are compared with, or what is wrong with it. It need not be one that could be stored: what
    /// breaks a rule for lengths, bounds or patterns is only equal to none.
    ///
    /// # Errors
    /// The message for who sent it.
    pub fn for_comparison(field: &'static Field, value: Value) -> Result<Self, String> {
        read::comparable(field, value).map(|value| Self::of(field, value))
    }

    /// What a field is that is left out.
    pub fn default_of(field: &'static Field) -> Self {
        Self::of(field, read::default(field))
    }

    /// The value as JSON, objects with the members that are declared now.
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
    /// Values of a kind: one for each of its fields, in its order.
    pub fn new(kind: &'static Kind, status: Status, fields: Vec<FieldValue>) -> Self {
        debug_assert_eq!(fields.len(), kind.fields.len());
        Self { kind, status, fields }
    }

    /// Reads the values of a new resource from a request's JSON body. What is left out, or `null` where a default exists,
    /// gets the default.
    ///
    /// # Errors
    /// Every fault of the body, not the first.
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

    /// The values as a type of its own, by serde: for rules and other code of a team.
    ///
    /// # Errors
    /// When the type does not fit the declaration.
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

    /// Whether a field is the same in other values, but for members of objects that are not declared, or were not.
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

    /// The value of the field of a name; `None` where the kind declares none.
    pub fn named(&self, name: &str) -> Option<&FieldValue> {
        self.get(self.kind.field_ref(name)?)
    }

    /// The same values with another one for the field of a name.
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
    /// Reads what a resource shall be from a request's JSON body.
    ///
    /// # Errors
    /// Every fault of the body, not the first.
    pub fn from_json(kind: &'static Kind, body: Value) -> Result<Self, Faults> {
        read_body(kind, body, kind.statuses.words)
    }
}

/// Adds a fault for each member that no resource of the kind has.
pub(in crate::domain) fn unknown_fields(kind: &Kind, object: &Map<String, Value>, faults: &mut Faults) {
    let unknown = object.keys().filter(|name| kind.field_ref(name).is_none());
    unknown_members(&Pointer::Root, unknown, "A resource has no such field", faults);
}

/// Whether a client owns the field of a name.
pub(in crate::domain) fn is_client_owned(kind: &Kind, name: &str) -> bool {
    name == "status" || kind.fields.iter().any(|field| field.name == name)
}

/// Reads a body. A body may carry the fields that the server owns, so that what was read can be sent back; they are ignored.
fn read_body(kind: &'static Kind, body: Value, statuses: &[&'static str]) -> Result<Replacement, Faults> {
    let mut object = into_object(body)?;
    let mut faults = Faults::default();
    unknown_fields(kind, &object, &mut faults);
    // `null` asks for the initial one, and nothing for what it is.
    let keeps_status = !object.contains_key("status");
    let given = object.remove("status").filter(|value| !value.is_null());
    let (mut fields, mut status) = (Vec::with_capacity(kind.fields.len()), None);
    for field in kind.fields {
        let value = read::member(field, &mut object, &Pointer::Root, &mut faults);
        fields.push(FieldValue::of(field, value));
        // In the order in which a resource shows them.
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
                format!("A new resource of this kind has the status {}", initial.as_str())
            } else {
                format!("A status is one of {}", kind.statuses.list())
            };
            faults.add(|| Fault::body(&at, "invalid_value", message));
        }
        Some(other) => faults.add(|| wrong_type(&at, "a string", other)),
    }
    initial
}
