//! Requests that are made once, however often they are sent.

use serde_json::Value;

use super::digest::{digest, hexadecimal};
use super::{Caller, Tenant, exact_decimal};

/// For how long an answer is kept, in seconds.
pub const ANSWER_KEPT: u64 = 24 * 60 * 60;

/// A request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Under which its answer is kept: `TENANT#HASH`, of the caller's subject and the key that the caller chose.
    pub key: String,
    /// What it asks for: requests that mean the same have the same.
    pub request: String,
}

impl Once {
    /// A caller's request.
    pub fn new(caller: &Caller, key: &str, method: &str, target: &str, body: Option<&Value>) -> Self {
        let Caller { tenant, subject, role: _ } = caller;
        let mut meaning = Vec::new();
        if let Some(body) = body {
            write_meaning(body, &mut meaning);
        }
        Self {
            key: key_of(tenant, &[subject.as_bytes(), key.as_bytes()]),
            request: hexadecimal(&digest(&[method.as_bytes(), target.as_bytes(), &meaning])),
        }
    }
}

fn key_of(tenant: &Tenant, parts: &[&[u8]]) -> String {
    format!("{tenant}#{}", hexadecimal(&digest(parts)))
}

/// An answer as it was given, and is given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The entity tag.
    pub etag: Option<String>,
    /// Where the new resource is.
    pub location: Option<String>,
    /// The body.
    pub body: Option<String>,
}

/// Writes a JSON value so that values that mean the same are written the same, and others are not: members in the order
/// of their names, numbers in one spelling, and the length of everything before it.
fn write_meaning(value: &Value, out: &mut Vec<u8>) {
    let mut write = |kind: u8, bytes: &[u8]| {
        out.push(kind);
        out.extend((bytes.len() as u64).to_be_bytes());
        out.extend(bytes);
    };
    match value {
        Value::Null => write(b'0', &[]),
        Value::Bool(value) => write(b'b', &[u8::from(*value)]),
        Value::Number(number) => {
            let text = number.to_string();
            write(b'n', exact_decimal(&text).unwrap_or(text).as_bytes());
        }
        Value::String(text) => write(b's', text.as_bytes()),
        Value::Array(items) => {
            write(b'a', &(items.len() as u64).to_be_bytes());
            for item in items {
                write_meaning(item, out);
            }
        }
        Value::Object(object) => {
            write(b'o', &(object.len() as u64).to_be_bytes());
            let mut members: Vec<_> = object.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in members {
                write_meaning(&Value::String(name.clone()), out);
                write_meaning(value, out);
            }
        }
    }
}
