//! The cost of each change with and without a unique value and a required reference, as in ARCHITECTURE.md.

use resource_api::domain::{Access, Field, Kind, Kinds, Role};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::App;
use crate::logs::Log;

const FIELDS: &[Field] = &[
    Field::text("code").required().length(1, 100),
    Field::text("note").length(0, 100),
    Field::reference("part_id", "parts"),
];
const CHECKED: &[Field] = &[
    Field::text("code").required().length(1, 100),
    Field::text("note").length(0, 100),
    Field::reference("part_id", "parts").must_exist(),
];
const PLAIN: Kind = Kind::new("parts", "part").fields(FIELDS);
const UNIQUE: Kind = PLAIN.unique(&[&["code"]]);
const REFERRING: Kind = PLAIN.fields(CHECKED);
const BOTH: Kind = UNIQUE.fields(CHECKED);
const OWNED: Kind = PLAIN.access(Access::DEFAULT.delete(&Role::KNOWN).owners_only(&[Role::User]));

/// The calls and the write units of a change.
type Cost = (&'static str, f64);

/// Each change of a resource of up to 1 KB, in a kind without declared indexes: plain, with the unique value
/// `code`, with a required reference (set by creations and by `put of other values`), and with both.
#[rustfmt::skip]
const COSTS: [(&str, [Cost; 4]); 14] = [
    ("create", [("PutItem:1", 3.0), ("TransactWriteItems:1", 6.0), ("TransactWriteItems:1", 6.0), ("TransactWriteItems:1", 8.0)]),
    ("create, with a key", [("TransactWriteItems:1", 6.0), ("TransactWriteItems:1", 8.0), ("TransactWriteItems:1", 8.0), ("TransactWriteItems:1", 10.0)]),
    ("put of other values", [("UpdateItem:1", 4.0), ("GetItem:1,TransactWriteItems:1", 9.0), ("GetItem:1,TransactWriteItems:1", 7.0), ("GetItem:1,TransactWriteItems:1", 11.0)]),
    ("put of another note", [("UpdateItem:1", 4.0), ("GetItem:1,PutItem:1", 4.0), ("GetItem:1,PutItem:1", 4.0), ("GetItem:1,PutItem:1", 4.0)]),
    ("put of the same", [("UpdateItem:1", 0.0), ("GetItem:1", 0.0), ("GetItem:1", 0.0), ("GetItem:1", 0.0)]),
    ("patch of the code", [("GetItem:1,PutItem:1", 4.0), ("GetItem:1,TransactWriteItems:1", 9.0), ("GetItem:1,PutItem:1", 4.0), ("GetItem:1,TransactWriteItems:1", 9.0)]),
    ("patch of the code, with a key", [("GetItem:1,TransactWriteItems:1", 7.0), ("GetItem:1,TransactWriteItems:1", 11.0), ("GetItem:1,TransactWriteItems:1", 7.0), ("GetItem:1,TransactWriteItems:1", 11.0)]),
    ("patch of the note", [("GetItem:1,PutItem:1", 4.0), ("GetItem:1,PutItem:1", 4.0), ("GetItem:1,PutItem:1", 4.0), ("GetItem:1,PutItem:1", 4.0)]),
    ("delete", [("UpdateItem:1", 5.0), ("GetItem:1,TransactWriteItems:1", 8.0), ("UpdateItem:1", 5.0), ("GetItem:1,TransactWriteItems:1", 8.0)]),
    ("restore", [("GetItem:1,PutItem:1", 5.0), ("GetItem:1,TransactWriteItems:1", 8.0), ("GetItem:1,PutItem:1", 5.0), ("GetItem:1,TransactWriteItems:1", 8.0)]),
    ("delete, with a key", [("GetItem:1,TransactWriteItems:1", 8.0), ("GetItem:1,TransactWriteItems:1", 10.0), ("GetItem:1,TransactWriteItems:1", 8.0), ("GetItem:1,TransactWriteItems:1", 10.0)]),
    ("restore, with a key", [("GetItem:1,TransactWriteItems:1", 8.0), ("GetItem:1,TransactWriteItems:1", 10.0), ("GetItem:1,TransactWriteItems:1", 8.0), ("GetItem:1,TransactWriteItems:1", 10.0)]),
    ("batch of ten creations", [("TransactWriteItems:1", 40.0), ("TransactWriteItems:1", 60.0), ("TransactWriteItems:1", 42.0), ("TransactWriteItems:1", 62.0)]),
    ("purge", [("DeleteItem:1", 3.0), ("GetItem:1,TransactWriteItems:1", 6.0), ("DeleteItem:1", 3.0), ("GetItem:1,TransactWriteItems:1", 6.0)]),
];

#[rstest]
#[case::plain(const { Kinds::of(&[&PLAIN]) }, 0)]
#[case::unique(const { Kinds::of(&[&UNIQUE]) }, 1)]
#[case::referring(const { Kinds::of(&[&REFERRING]) }, 2)]
#[case::both(const { Kinds::of(&[&BOTH]) }, 3)]
#[case::owned(const { Kinds::of(&[&OWNED]) }, 0)]
#[tokio::test]
async fn each_change_costs_what_the_architecture_says(#[case] kinds: Kinds, #[case] column: usize) {
    let app = App::of(kinds).await;
    // Users of the kind with owners see only their own resources, and every role may delete.
    let role = if kinds.iter().any(Kind::has_owners) { Role::User } else { Role::Moderator };
    let create = async |code: &str| {
        let created = app.post("/api/parts", &json!({ "code": code })).role(role).await;
        created.data(201)["id"].as_str().unwrap().to_owned()
    };
    let (part, other) = (create("part").await, create("other").await);
    let path = &format!("/api/parts/{part}");
    let restore = || app.post(&format!("{path}/restore"), &Value::Null);
    let body = |code: &str, note: &str| json!({ "code": code, "note": note, "part_id": other });
    let ten = (0..10).map(|at| json!({ "op": "create", "body": body(&format!("c{at}"), "n") }));
    let ten = json!({ "operations": ten.collect::<Vec<_>>() });
    let calls = [
        app.post("/api/parts", &body("a", "n")),
        app.post("/api/parts", &body("b", "n")).key("a"),
        app.put(path, &body("c", "n")),
        app.put(path, &body("c", "o")),
        app.put(path, &body("c", "o")),
        app.patch(path, &json!({ "code": "d" })),
        app.patch(path, &json!({ "code": "e" })).key("b"),
        app.patch(path, &json!({ "note": "p" })),
        app.delete(path),
        restore(),
        app.delete(path).key("c"),
        restore().key("d"),
        app.post("/api/parts/batch", &ten),
        app.delete(&format!("{path}?purge=true")),
    ];
    for ((name, costs), call) in COSTS.into_iter().zip(calls) {
        let (operations, units) = costs[column];
        let log = Log::start();
        let response = call.role(if name == "purge" { Role::Admin } else { role }).await;
        assert!(response.status < 300, "{name}: {response:#?}");
        let line = log.lines().pop().unwrap();
        assert_eq!(line["dynamodb_operations"], operations, "{name}");
        if app.store.counts_units() {
            let written = &line["dynamodb_write_units"];
            assert!(*written == units || (units == 0.0 && written.is_null()), "{name}: {written}");
        }
    }
}

/// A refusal writes nothing. DynamoDB charges the conditions of a cancelled transaction, but does not report
/// their units.
#[tokio::test]
async fn a_refusal_is_one_transaction() {
    let app = App::of(const { Kinds::of(&[&BOTH]) }).await;
    let part = app.post("/api/parts", &json!({ "code": "a" })).await.data(201).clone();
    let path = format!("/api/parts/{}", part["id"].as_str().unwrap());
    let nowhere = json!({ "code": "b", "part_id": crate::app::NOWHERE });
    let cases = [
        (app.post("/api/parts", &json!({ "code": "A" })), "TransactWriteItems:1"),
        (app.post("/api/parts", &json!({ "code": "A" })).key("k"), "GetItem:1,TransactWriteItems:1"),
        (app.post("/api/parts", &nowhere), "TransactWriteItems:1"),
        (app.patch(&path, &nowhere), "GetItem:1,TransactWriteItems:1"),
    ];
    for (call, operations) in cases {
        let log = Log::start();
        assert_eq!(call.await.status, 409);
        assert_eq!(log.lines().pop().unwrap()["dynamodb_operations"], operations);
    }
}
