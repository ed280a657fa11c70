//! A request with an idempotency key, and the hash that compares requests.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::{Caller, Tenant, exact_decimal, hash, hexadecimal};

/// A request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// The key of its stored response: `TENANT#HASH`, of the caller's subject and the key that the caller chose.
    pub key: String,
    /// A hash of its method, target and body: the same for requests that mean the same.
    pub request: String,
}

impl IdempotentRequest {
    /// A caller's request.
    pub fn new(caller: &Caller, key: &str, method: &str, target: &str, body: Option<&RawValue>) -> Self {
        let Caller { tenant, subject, role: _ } = caller;
        let mut meaning = Vec::new();
        if let Some(body) = body {
            write_meaning_of(body, TAKEN_APART, &mut meaning);
        }
        Self {
            key: key_of(tenant, &[subject.as_bytes(), key.as_bytes()]),
            request: hexadecimal(&hash(&[method.as_bytes(), target.as_bytes(), &meaning])),
        }
    }
}

fn key_of(tenant: &Tenant, parts: &[&[u8]]) -> String {
    format!("{tenant}#{}", hexadecimal(&hash(parts)))
}

/// How many levels of a body are split into texts and not parsed as values: those down to the operations of a
/// batch.
const TAKEN_APART: usize = 2;

/// The largest text that is parsed as a value, in bytes: the limit of a body. No route accepts a larger one;
/// it is hashed as it is.
const LARGEST_PART: usize = 1024 * 1024;

/// Writes a JSON text in canonical form. The first levels are written part by part, because a parsed value
/// may take 90 times the memory of its text. Writes nothing for a text that cannot be parsed.
fn write_meaning_of(text: &RawValue, levels: usize, out: &mut Vec<u8>) {
    let parts = |levels: usize| levels.checked_sub(1);
    if let Some(levels) = parts(levels)
        && let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text.get())
    {
        write(out, b'o', &(members.len() as u64).to_be_bytes());
        for (name, text) in members {
            write(out, b's', name.as_bytes());
            write_meaning_of(text, levels, out);
        }
    } else if let Some(levels) = parts(levels)
        && let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text.get())
    {
        write(out, b'a', &(items.len() as u64).to_be_bytes());
        for text in items {
            write_meaning_of(text, levels, out);
        }
    } else if text.get().len() > LARGEST_PART {
        write(out, b't', text.get().as_bytes());
    } else if let Ok(value) = serde_json::from_str(text.get()) {
        write_meaning(&value, out);
    }
}

/// Writes a JSON value in canonical form, so that the bytes are the same for values that mean the same, and
/// only for those: members are sorted by name, numbers have one spelling, and each part is preceded by its
/// length.
fn write_meaning(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => write(out, b'0', &[]),
        Value::Bool(value) => write(out, b'b', &[u8::from(*value)]),
        Value::Number(number) => {
            let text = number.to_string();
            write(out, b'n', exact_decimal(&text).unwrap_or(text).as_bytes());
        }
        Value::String(text) => write(out, b's', text.as_bytes()),
        Value::Array(items) => {
            write(out, b'a', &(items.len() as u64).to_be_bytes());
            for item in items {
                write_meaning(item, out);
            }
        }
        Value::Object(object) => {
            write(out, b'o', &(object.len() as u64).to_be_bytes());
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in members {
                write(out, b's', name.as_bytes());
                write_meaning(value, out);
            }
        }
    }
}

fn write(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    out.extend((bytes.len() as u64).to_be_bytes());
    out.extend(bytes);
}
