//! An oracle: the JSON Schema made from a declaration and the reader of bodies accept the same bodies, but for what a schema
//! cannot say: digits and magnitudes of numbers, depth, ids that differ only in case, URIs and addresses to the letter.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::{ARTICLES, THINGS};
use crate::domain::kind::text::EMAIL;
use crate::domain::{Controls, Field, Format, Kind, List, Replacement, Text, Type};

fn schema_of(kind: &Kind) -> Value {
    let mut schema = object(kind.fields);
    let statuses = kind.statuses.words.iter().map(|word| json!(word)).chain([Value::Null]);
    schema["properties"]["status"] = json!({ "enum": statuses.collect::<Vec<_>>() });
    for name in ["id", "version", "created_at", "created_by", "updated_at", "updated_by"] {
        schema["properties"][name] = json!({});
    }
    schema
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<_, _> = fields.iter().map(|field| (field.name.to_owned(), member(field))).collect();
    let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn member(field: &Field) -> Value {
    let value = value(&field.field_type);
    if field.required { value } else { json!({ "anyOf": [value, { "type": "null" }] }) }
}

fn value(field_type: &Type) -> Value {
    match *field_type {
        Type::Text(text) => text_schema(text),
        Type::Integer { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Type::Number { least, most } => {
            let mut schema = json!({ "type": "number" });
            for (name, bound) in [("minimum", least), ("maximum", most)] {
                if let Some(bound) = bound {
                    schema[name] = serde_json::from_str(bound).unwrap();
                }
            }
            schema
        }
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Type::Date => json!({ "type": "string", "format": "date" }),
        Type::Choice(words) => json!({ "enum": words }),
        Type::Reference(_) => {
            json!({ "type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" })
        }
        Type::Json => json!({ "type": "object" }),
        Type::Object(fields) => object(fields),
        Type::List(List { item, least, most, unique }) => {
            let mut schema =
                json!({ "type": "array", "items": value(&item.field_type), "uniqueItems": unique });
            bounds(&mut schema, "Items", least, most);
            schema
        }
    }
}

fn text_schema(text: Text) -> Value {
    let mut all = Vec::new();
    match text.controls {
        // White space at the ends is taken off, control characters among it.
        Controls::None if text.trimmed => {}
        Controls::None => all.push(json!({ "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$" })),
        Controls::LineBreaks => {
            all.push(json!({ "pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$" }));
        }
        Controls::Any => {}
    }
    all.extend(text.pattern.map(|pattern| json!({ "pattern": format!("^(?:{pattern})$") })));
    all.extend(text.format.map(|format| match format {
        Format::Email => json!({ "pattern": format!("^(?:{EMAIL})$") }),
        Format::Uri => json!({ "format": "uri" }),
    }));
    let mut schema = json!({ "type": "string", "allOf": all });
    if all_is_empty(&schema) {
        schema.as_object_mut().unwrap().remove("allOf");
    }
    bounds(&mut schema, "Length", text.least, text.most);
    schema
}

fn all_is_empty(schema: &Value) -> bool {
    schema["allOf"].as_array().is_some_and(Vec::is_empty)
}

fn bounds(schema: &mut Value, what: &str, least: usize, most: usize) {
    schema[format!("min{what}")] = least.into();
    if most < usize::MAX {
        schema[format!("max{what}")] = most.into();
    }
}

/// Values that are right for some field, nearly right, or wrong for all.
fn any_value() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "A",
        "A-1",
        "ab",
        "small",
        "large",
        "open",
        "closed",
        "x\ny",
        "x\u{7}",
        "2026-11-25",
        "2026-13-01",
        "2026-02-29",
        "2026-11-25T06:57:40Z",
        "2026-11-25T06:57:40.123456+01:00",
        "2026-11-25 06:57",
        "2026-11-25T06:57:40",
        "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071",
        "019a1b2c3d4e7f608a1b2c3d4e5f6071",
        "DE",
        "https://example.com/",
        "urn:a:b",
        "not a uri",
        "//example.com",
        "a@example.com",
        "a@b",
        "a@-b",
        "@",
        "12345678901",
        "123456789012345678901",
        "會🚀é",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1200..1200_i64).prop_map(Value::from),
        (-120..120_i64).prop_map(|tenths| serde_json::from_str(&format!(
            "{}.{}",
            tenths / 10,
            (tenths % 10).abs()
        ))
        .unwrap()),
        select(&["1e30", "1e29", "-10", "-10.5", "2.0", "1E2", "9007199254740993"][..])
            .prop_map(|text| serde_json::from_str(text).unwrap()),
        select(texts.to_vec()).prop_map(Value::from),
        (0..60_usize).prop_map(|length| "n".repeat(length).into()),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..7).prop_map(Value::from),
            prop::collection::btree_map(
                select(&["name", "quantity", "weight", "city", "country", "other"][..]),
                inner,
                0..5
            )
            .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

/// A body that is right, with some members replaced, added or left out.
fn body_of(kind: &'static Kind, right: Value) -> impl Strategy<Value = Value> {
    let names: Vec<&str> =
        kind.fields.iter().map(|field| field.name).chain(["status", "id", "version", "other"]).collect();
    let change = (select(names), prop::option::weighted(0.9, any_value()));
    prop::collection::vec(change, 0..3).prop_map(move |changes| {
        let mut body = right.as_object().unwrap().clone();
        for (name, value) in changes {
            match value {
                Some(value) => _ = body.insert(name.to_owned(), value),
                None => _ = body.remove(name),
            }
        }
        Value::Object(body)
    })
}

fn agrees(kind: &'static Kind, body: &Value) -> Result<(), TestCaseError> {
    let schema = jsonschema::options().should_validate_formats(true).build(&schema_of(kind)).unwrap();
    let read = Replacement::from_json(kind, body.clone());
    // 38 digits, and magnitudes.
    let unsayable =
        read.as_ref().is_err_and(|faults| serde_json::to_string(faults).unwrap().contains("inexact_number"));
    prop_assert!(unsayable || schema.is_valid(body) == read.is_ok(), "{} {:?}", body, read);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_schema_and_the_reader_agree_on_things(body in body_of(&THINGS, json!({
        "code": "A-1", "price": 2.5, "at": "2026-11-25T06:57:40Z", "parts": [{ "name": "p", "quantity": 1 }],
        "place": { "city": "K" }, "tags": ["a"], "status": "open",
    }))) {
        agrees(&THINGS, &body)?;
    }

    #[test]
    fn a_schema_and_the_reader_agree_on_articles(body in body_of(&ARTICLES, json!({
        "name": "n", "description": "d", "attributes": { "a": [1] }, "link_ids": [],
    }))) {
        // What is trimmed is longer or shorter than what was sent.
        let trims = body["name"].as_str().is_some_and(|name| name.trim() != name || name.chars().any(char::is_control));
        prop_assume!(!trims);
        agrees(&ARTICLES, &body)?;
    }
}
