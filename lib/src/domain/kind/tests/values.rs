//! Values that bodies become, and faults of invalid bodies.

use rstest::rstest;
use serde_json::{Value, json};

use super::THINGS;
use crate::domain::{Caller, Change, ExpectedVersion, Faults, Patch, Refusal, Replacement, Resource};
use crate::domain::{
    Effect, Field, FieldValue, Kind, Proposed, Retention, Role, RuleFaults, Status, Timestamp, Values,
    check_new,
};

fn faults_of(faults: &Faults) -> Vec<String> {
    let faults = serde_json::to_value(faults).unwrap();
    let text =
        |fault: &Value| format!("{} {}", fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap());
    faults.as_array().unwrap().iter().map(text).collect()
}

#[rstest]
#[case(json!({}), &["/code required"])]
#[case(json!({ "code": "a" }), &["/code invalid_format"])]
#[case(json!({ "code": "A".repeat(21) }), &["/code too_long"])]
#[case(json!({ "code": "A\n" }), &["/code control_character", "/code invalid_format"])]
#[case(json!({ "code": "A", "price": -10.001 }), &["/price too_small"])]
#[case(json!({ "code": "A", "price": 1e31 }), &["/price too_large"])]
#[case(json!({ "code": "A", "price": "1" }), &["/price wrong_type"])]
#[case(json!({ "code": "A", "count": 1.5 }), &["/count wrong_type"])]
#[case(json!({ "code": "A", "count": 1001 }), &["/count too_large"])]
#[case(json!({ "code": "A", "count": -6 }), &["/count too_small"])]
#[case(json!({ "code": "A", "count": 1e40 }), &["/count too_large"])]
#[case(json!({ "code": "A", "count": 1e-200 }), &["/count inexact_number"])]
#[case(json!({ "code": "A", "open": 1 }), &["/open wrong_type"])]
#[case(json!({ "code": "A", "at": "2026-11-25" }), &["/at invalid_format"])]
#[case(json!({ "code": "A", "day": "2026-02-29" }), &["/day invalid_format"])]
#[case(json!({ "code": "A", "day": "+026-02-01" }), &["/day invalid_format"])]
#[case(json!({ "code": "A", "size": "huge" }), &["/size invalid_value"])]
#[case(json!({ "code": "A", "article_id": "x" }), &["/article_id invalid_id"])]
#[case(json!({ "code": "A", "site": "example.com" }), &["/site invalid_format"])]
#[case(json!({ "code": "A", "email": "a@" }), &["/email invalid_format"])]
#[case(json!({ "code": "A", "notes": "a\u{7}\tb" }), &["/notes control_character"])]
#[case(json!({ "code": "A", "parts": vec![json!({}); 6] }), &["/parts too_many"])]
#[case(
    json!({ "code": "A", "parts": [null, { "name": "", "quantity": 0, "weight": 1, "x/y": 2 }, 7] }),
    &[
        "/parts/0 wrong_type", "/parts/1/x~1y unknown_field", "/parts/1/name too_short",
        "/parts/1/quantity too_small", "/parts/2 wrong_type",
    ]
)]
#[case(json!({ "code": "A", "tags": ["a", "b", "a"] }), &["/tags/2 repeated"])]
#[case(json!({ "code": "A", "place": { "country": "DEU" } }), &["/place/city required", "/place/country invalid_format"])]
#[case(json!({ "code": "A", "status": "closed" }), &["/status invalid_value"])]
#[case(json!({ "code": "A", "status": "lost" }), &["/status invalid_value"])]
#[case(json!({ "code": "A", "colour": 1, "shape": 2 }), &["/colour unknown_field", "/shape unknown_field"])]
fn each_rule_that_is_broken_is_named(#[case] body: Value, #[case] expected: &[&str]) {
    assert_eq!(faults_of(&Values::from_json(&THINGS, body).unwrap_err()), expected);
}

#[test]
fn a_value_has_one_spelling() {
    let body = json!({
        "code": "A-1", "price": 1.50, "at": "2026-11-25T10:00:00.1234567+02:00",
        "article_id": "019A1B2C-3D4E-7F60-8A1B-2C3D4E5F6071", "site": "https://example.com/a?b#c",
        "email": "a.b+c@example.com", "parts": [{ "quantity": 2.0, "name": "p" }], "place": { "city": "K" },
    });
    let values = Values::from_json(&THINGS, body).unwrap();
    let expected = json!({
        "code": "A-1", "price": 1.5, "count": 0, "open": false, "at": "2026-11-25T08:00:00.123456Z",
        "day": null, "size": "small", "article_id": "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071",
        "site": "https://example.com/a?b#c", "email": "a.b+c@example.com", "notes": null,
        "parts": [{ "name": "p", "quantity": 2, "weight": null }], "tags": null,
        "place": { "city": "K", "country": null }, "status": "open",
    });
    assert_eq!(values.to_json(), expected);
    assert_eq!(Values::from_json(&THINGS, expected).unwrap(), values);
}

fn thing() -> Resource {
    let values = Values::from_json(&THINGS, json!({ "code": "A" })).unwrap();
    Resource::new(values, &Caller::example(Role::User), Timestamp::now())
}

fn apply(current: &Resource, change: &Change) -> Result<Effect, Refusal> {
    let (user, any) = (Caller::example(Role::User), ExpectedVersion::Any);
    change.apply(current, &any, &user, Timestamp::now(), Retention::default())
}

fn replaced(current: &Resource, body: Value) -> Result<Effect, Refusal> {
    apply(current, &Change::Replace(Replacement::from_json(&THINGS, body).unwrap()))
}

fn status(effect: Result<Effect, Refusal>) -> Status {
    effect.unwrap().resource().unwrap().values.status()
}

#[test]
fn a_status_becomes_only_what_its_transitions_say() {
    let open = thing();
    let closed = replaced(&open, json!({ "code": "A", "status": "closed" })).unwrap();
    let closed = closed.resource().unwrap().clone();
    // Without `status`, the status stays; `null` requests the initial one.
    assert_eq!(status(replaced(&closed, json!({ "code": "A", "count": 1 }))).as_str(), "closed");
    assert_eq!(status(replaced(&closed, json!({ "code": "A", "status": "gone" }))).as_str(), "gone");
    for body in [json!({ "code": "A", "status": "open" }), json!({ "code": "A", "status": null })] {
        let refused = replaced(&closed, body);
        assert!(matches!(refused, Err(Refusal::InvalidTransition { allowed: ["gone"], .. })), "{refused:?}");
    }
    let patch = Change::Update(Patch::from(json!({ "status": null })));
    assert!(matches!(apply(&closed, &patch), Err(Refusal::InvalidTransition { .. })));
    assert!(matches!(apply(&open, &patch), Ok(Effect::Unchanged(_))));
}

#[test]
fn a_field_that_stays_and_a_rule_are_held_against_what_was() {
    let current = thing();
    let refused = replaced(&current, json!({ "code": "B", "count": 7 }));
    let Err(Refusal::Invalid(faults)) = refused else { panic!("{refused:?}") };
    assert_eq!(faults_of(&faults), ["/code immutable", "/count unlucky"]);
    let values = Values::from_json(&THINGS, json!({ "code": "A", "count": 7 })).unwrap();
    assert!(matches!(check_new(&values, &Caller::example(Role::User)), Err(Refusal::Invalid(_))));
}

/// A declaration may have become stricter since the resource was stored.
#[test]
fn what_is_stored_and_breaks_a_rule_is_said_to_be_stored() {
    let current = thing();
    let stored = current.values.clone().with("notes", super::super::FieldValue::Text("n".repeat(51)));
    let patch = |body: Value| Patch::from(body).apply(&stored);
    let faults = serde_json::to_string(&patch(json!({ "count": -9 })).unwrap_err()).unwrap();
    assert!(faults.contains("The stored value is invalid: At most 50 characters"), "{faults}");
    assert!(faults.contains("\"At least -5\""), "{faults}");
    patch(json!({ "notes": "n" })).unwrap();
}

/// A declaration may get a required and immutable field, and objects other members, when resources exist
/// already.
#[test]
fn what_was_declared_later_is_given_once_and_what_is_gone_is_dropped() {
    const BEFORE: Kind = Kind::new("moving", "move").fields(&[Field::object(
        "place",
        &[Field::text("city"), Field::text("fax")],
    )
    .immutable()]);
    const AFTER: Kind = Kind::new("moving", "move").fields(&[
        Field::object("place", &[Field::text("city"), Field::choice("size", &["s"]).default("\"s\"")])
            .immutable(),
        Field::text("code").required().immutable(),
    ]);
    let before = Values::from_json(&BEFORE, json!({ "place": { "city": "K", "fax": "1" } })).unwrap();
    let stored = before.named("place").unwrap().clone();
    let stored = Values::new(&AFTER, Status::initial(&AFTER), vec![stored, FieldValue::Null]);
    let current = Resource::new(stored, &Caller::example(Role::User), Timestamp::now());
    let patched = |current: &Resource, patch: Value| apply(current, &Change::Update(Patch::from(patch)));
    let Err(Refusal::Invalid(faults)) = patched(&current, json!({})) else { panic!("it is needed") };
    assert_eq!(faults_of(&faults), ["/code required"]);
    let given = patched(&current, json!({ "code": "A" })).unwrap().resource().unwrap().clone();
    assert_eq!(given.values.to_json()["place"], json!({ "city": "K", "size": "s" }));
    let Err(Refusal::Invalid(faults)) = patched(&given, json!({ "code": "B", "place": { "city": "L" } }))
    else {
        panic!("they stay")
    };
    assert_eq!(faults_of(&faults), ["/place immutable", "/code immutable"]);
}

#[test]
fn a_rule_whose_type_does_not_fit_stores_nothing() {
    fn broken(proposed: &Proposed<'_>, faults: &mut RuleFaults) {
        let _: Option<Vec<u8>> = faults.typed(proposed.after);
    }
    const BROKEN: Kind = Kind::new("broken", "broke").fields(&[Field::text("a")]).rules(&[broken]);
    let values = Values::from_json(&BROKEN, json!({ "a": "b" })).unwrap();
    let refused = check_new(&values, &Caller::example(Role::User));
    assert!(matches!(refused, Err(Refusal::Defect(_))), "{refused:?}");
}

#[test]
fn values_are_typed_data() {
    #[derive(serde::Deserialize)]
    struct Thing {
        code: String,
        count: i64,
        price: Option<crate::domain::Decimal>,
    }
    let values = Values::from_json(&THINGS, json!({ "code": "A", "price": 0.1 })).unwrap();
    let Thing { code, count, price } = values.to().unwrap();
    assert_eq!((code.as_str(), count, price.unwrap().to_string().as_str()), ("A", 0, "0.1"));
}
