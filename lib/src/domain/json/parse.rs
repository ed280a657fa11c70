//! Parses JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::domain::quoted;

/// The prefix of the member names with which `serde_json` represents numbers with all their digits, and raw
/// JSON, as objects. A client's member with such a name would be mistaken for one when the value is read
/// again.
const RESERVED: &str = "$serde_json::private::";

/// Parses a JSON text (RFC 8259). Numbers keep every digit. An object with duplicate member names is an
/// error, because parsers differ in which of the members they use.
///
/// # Errors
/// The fault of the text, with line and column.
pub fn parse_json(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Document.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// The members of an object, each as its text, in the order of their names; `None` for any other value.
/// Reserved and duplicate member names are errors.
pub(in crate::domain) fn parse_members(
    text: &RawValue,
) -> Option<Result<BTreeMap<String, &RawValue>, serde_json::Error>> {
    let members = || serde_json::from_str(text.get()).map(|Members(members)| members);
    text.get().starts_with('{').then(members)
}

/// The items of an array, each as its text; `None` for any other value.
pub(in crate::domain) fn parse_items(text: &RawValue) -> Option<Vec<&RawValue>> {
    if text.get().starts_with('[') { serde_json::from_str(text.get()).ok() } else { None }
}

/// The members of an object.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self(BTreeMap::new()))
    }
}

impl<'de> Visitor<'de> for Members<'de> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Self, A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            not_reserved(&name)?;
            let repeated = two_members(&name);
            if self.0.insert(name, members.next_value()?).is_some() {
                return Err(A::Error::custom(repeated));
            }
        }
        Ok(self)
    }
}

fn not_reserved<E: serde::de::Error>(name: &str) -> Result<(), E> {
    if name.starts_with(RESERVED) {
        return Err(E::custom(format!("the member name {} is reserved", quoted(name))));
    }
    Ok(())
}

fn two_members(name: &str) -> String {
    format!("duplicate member name {}", quoted(name))
}

/// Parses a value.
struct Document;

impl<'de> DeserializeSeed<'de> for Document {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let Some(name) = name else {
                return Ok(Value::Number(Number::from_string_unchecked(members.next_value()?)));
            };
            not_reserved(&name)?;
            match object.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(members.next_value_seed(Self)?);
                }
                Entry::Occupied(entry) => {
                    return Err(A::Error::custom(two_members(entry.key())));
                }
            }
        }
        Ok(Value::Object(object))
    }
}

/// Reads the name of a member; `None` for the mark of a number. If asked for an optional value, `serde_json`
/// passes a member's name to `visit_some`, and its own mark to `visit_str`.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<String>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_some<D: Deserializer<'de>>(self, name: D) -> Result<Option<String>, D::Error> {
        String::deserialize(name).map(Some)
    }

    fn visit_str<E>(self, _mark: &str) -> Result<Option<String>, E> {
        Ok(None)
    }
}
