//! The schema and the parser of a body accept the same bodies, except for what a schema cannot express:
//! digits and magnitudes of numbers, depth, lengths of texts that are trimmed, ids that differ only in case,
//! and the exact syntax of URIs and email addresses.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

use std::sync::LazyLock;

use api_docs::input_schema;
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::select;
use resource_api::domain::{Field, Kind, Kinds, Replacement, Statuses};
use serde_json::{Value, json};

/// A field of every type, and of every rule that a schema can express.
const EVERYTHING: Kind = Kind::new("everything", "thing")
    .fields(&[
        Field::text("code").required().length(1, 20).pattern("[A-Z0-9-]+"),
        Field::text("name").trimmed().length(1, 200),
        Field::text("description").anything().length(0, 40),
        Field::text("notes").multiline().length(0, 50),
        Field::text("site").uri().length(0, 2000),
        Field::text("email").email().length(0, 254),
        Field::number("price").at_least("-10").at_most("1e30"),
        Field::integer("count").between(-5, 1000).default("0"),
        Field::boolean("open").default("false"),
        Field::timestamp("at"),
        Field::date("day"),
        Field::choice("size", &["small", "large"]).default(r#""small""#),
        Field::json("attributes").default("{}").unlisted(),
        Field::reference("parent_id", "everything"),
        Field::references("link_ids", &Field::each_reference("everything")).length(0, 3).default("[]"),
        Field::list("parts", &PART).length(0, 5).default("[]"),
        Field::list("tags", &Field::each_text().length(1, 10)).length(0, 3).unique_items(),
        Field::object("place", PLACE),
    ])
    .statuses(Statuses::of(&["open", "closed", "gone"]));

const PART: Field = Field::each_object(&[
    Field::text("name").required().length(1, 40),
    Field::integer("quantity").required().between(1, 1000),
    Field::number("weight"),
]);

const PLACE: &[Field] =
    &[Field::text("city").required().length(1, 20), Field::text("country").pattern("[A-Z]{2}")];

/// Values that are valid for some field, nearly valid, or invalid for all.
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
        " a ",
        "  ",
        " \n",
        "a\nb ",
        "\u{7} a",
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

/// A valid body with some members replaced, added or left out.
fn body() -> impl Strategy<Value = Value> {
    let names: Vec<&str> = EVERYTHING.fields.iter().map(|field| field.name).collect();
    let names = [names, vec!["status", "id", "version", "other"]].concat();
    let change = (select(names), prop::option::weighted(0.9, any_value()));
    prop::collection::vec(change, 0..3).prop_map(|changes| {
        let mut body = json!({
            "code": "A-1", "name": "n", "price": 2.5, "at": "2026-11-25T06:57:40Z", "attributes": { "a": [1] },
            "parts": [{ "name": "p", "quantity": 1 }], "place": { "city": "K" }, "tags": ["a"], "status": "open",
        });
        let members = body.as_object_mut().unwrap();
        for (name, value) in changes {
            match value {
                Some(value) => _ = members.insert(name.to_owned(), value),
                None => _ = members.remove(name),
            }
        }
        body
    })
}

fn validator() -> &'static Validator {
    const KINDS: Kinds = Kinds::of(&[&EVERYTHING]);
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
        let schema = input_schema(&EVERYTHING, KINDS);
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    });
    &VALIDATOR
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn the_schema_and_the_reader_agree_on_every_type(body in body()) {
        let read = Replacement::from_json(&EVERYTHING, body.clone());
        // 38 digits, and magnitudes.
        let unsayable =
            read.as_ref().is_err_and(|faults| serde_json::to_string(faults).unwrap().contains("inexact_number"));
        prop_assert!(unsayable || validator().is_valid(&body) == read.is_ok(), "{} {:?}", body, read);
    }
}
