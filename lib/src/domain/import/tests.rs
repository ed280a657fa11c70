use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::domain::tests::{ARTICLES, THINGS};
use crate::domain::{
    Collection, Kind, Refusal, Resource, ResourceId, Retention, Status, Tenant, Timestamp, View,
};

const ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071";

fn rules(kind: &'static Kind) -> ImportRules {
    let started_at = Timestamp::parse("2026-11-26T10:00:00.123Z").unwrap();
    let collection = Collection { tenant: Tenant::default(), kind };
    ImportRules { collection, retention: Retention::default(), started_at }
}

fn record(kind: &'static Kind, line: &Value) -> Resource {
    rules(kind).read(1, line.to_string().as_bytes()).unwrap()
}

/// The pointers and codes of the faults of a line.
fn faults(kind: &'static Kind, line: &[u8]) -> Vec<String> {
    let Err(Refusal::Invalid(faults)) = rules(kind).read(1, line) else { panic!("it was taken") };
    let place = |text: String| text.splitn(3, ": ").take(2).collect::<Vec<_>>().join(" ");
    faults.each().map(|fault| place(fault.to_string())).collect()
}

#[test]
fn what_a_line_says_is_kept() {
    let time = ResourceId::parse(ID).unwrap().created_at();
    let line = json!({
        "id": ID.to_uppercase(), "code": "A-1", "status": "gone", "version": 7, "created_at": time,
        "updated_at": "2026-11-26T11:00:00.123987+01:00", "created_by": "ada", "updated_by": "grace",
    });
    let record = record(&THINGS, &line);
    assert_eq!(record.id.to_string(), ID);
    assert_eq!(record.values.status().as_str(), "gone");
    assert_eq!(record.version, 7);
    assert_eq!(record.updated_at.to_string(), "2026-11-26T10:00:00.123Z");
    assert_eq!((&*record.created_by, &*record.updated_by), ("ada", "grace"));
    assert!(!record.is_deleted());
}

#[test]
fn what_a_line_does_not_say_is_minted() {
    let line = json!({ "name": "n", "id": null, "status": null });
    let record = record(&ARTICLES, &line);
    assert_eq!(record.id.created_at(), rules(&ARTICLES).started_at);
    assert!(record.id.is_version_7());
    assert_eq!((record.version, record.updated_at), (1, record.id.created_at()));
    assert_eq!((&*record.created_by, &*record.updated_by), ("import", "import"));
    assert_eq!(record.values.status(), Status::initial(&ARTICLES));
    let of_a_creator = self::record(&ARTICLES, &json!({ "name": "n", "created_by": "ada" }));
    assert_eq!(of_a_creator.updated_by, "ada");
}

/// The view of a record is itself a line, which imports as the same record.
#[rstest]
#[case(&ARTICLES, json!({ "name": "n", "attributes": { "a\n": [1.50, "\u{1f600}\""] }, "link_ids": [ID] }))]
#[case(&THINGS, json!({ "code": "A-1", "price": 1e21, "at": "2026-11-26T10:00:00.123456Z", "place": { "city": "Köln" } }))]
fn a_view_is_a_line(#[case] kind: &'static Kind, #[case] body: Value) {
    let first = record(kind, &body);
    let line = serde_json::to_vec(&View::from(first.clone())).unwrap();
    assert_eq!(serde_json::to_vec(&RecordLine::from(first.clone())).unwrap(), line);
    let read = rules(kind).read(2, &line).unwrap();
    assert_eq!(read, first);
    assert_eq!(serde_json::to_vec(&View::from(read)).unwrap(), line);
}

#[test]
fn ids_of_lines_are_the_same_each_time_and_in_the_order_of_the_file() {
    let line = br#"{"name": "n", "created_at": "2020-02-29T23:59:59.999Z"}"#;
    let id = |number| rules(&ARTICLES).read(number, line).unwrap().id;
    let numbers =
        [1, 2, 9, 10, 4095, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 10_000_000, u64::from(u32::MAX)];
    let ids: Vec<_> = numbers.into_iter().map(id).collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    assert_eq!(ids, numbers.into_iter().map(id).collect::<Vec<_>>());
    for id in &ids {
        assert!(id.is_version_7());
        assert_eq!(id.created_at().to_string(), "2020-02-29T23:59:59.999Z");
    }
    let mut others = rules(&ARTICLES);
    others.collection.tenant = Tenant::parse("other").unwrap();
    let other = others.read(1, line).unwrap().id;
    assert_eq!(other.created_at(), ids[0].created_at());
    assert_ne!(other, ids[0]);
    let with_a_space = [&line[..], b" "].concat();
    assert_ne!(rules(&ARTICLES).read(1, &with_a_space).unwrap().id, ids[0]);
}

#[test]
fn a_deleted_record_stays_deleted() {
    let line = json!({
        "id": ID, "code": "A-1", "status": "deleted", "updated_at": "2026-11-26T10:00:00.123Z",
        "$deleted": { "status": "closed", "purge_at": "2027-01-01T00:00:00.999Z" },
    });
    let deleted = record(&THINGS, &line);
    assert_eq!(deleted.values.status().as_str(), "closed");
    assert_eq!(deleted.purge_at, Timestamp::parse("2027-01-01T00:00:00Z"));

    let mut unsaid = line.clone();
    unsaid.as_object_mut().unwrap().remove("$deleted");
    let deleted = record(&THINGS, &unsaid);
    assert_eq!(deleted.values.status(), Status::initial(&THINGS));
    assert_eq!(deleted.purge_at, Timestamp::parse("2026-12-26T10:00:00Z"));
}

#[rstest]
#[case(json!({ "id": "1" }), "/id invalid_id")]
#[case(json!({ "id": 1 }), "/id wrong_type")]
#[case(json!({ "id": "019a1b2c-3d4e-4f60-8a1b-2c3d4e5f6071" }), "/id invalid_id")]
#[case(json!({ "id": "019a1b2c-3d4e-7f60-ca1b-2c3d4e5f6071" }), "/id invalid_id")]
#[case(json!({ "id": "019a1b2c3d4e7f608a1b2c3d4e5f6071" }), "/id invalid_id")]
#[case(json!({ "id": "ffffffff-ffff-7f60-8a1b-2c3d4e5f6071" }), "/id invalid_id")]
#[case(json!({ "id": ID, "created_at": "2020-01-01T00:00:00Z" }), "/created_at invalid_value")]
#[case(json!({ "created_at": "1969-12-31T23:59:59.999Z" }), "/created_at invalid_value")]
#[case(json!({ "created_at": "2020-01-01" }), "/created_at invalid_format")]
#[case(json!({ "created_at": 1 }), "/created_at wrong_type")]
#[case(json!({ "id": ID, "updated_at": "2020-01-01T00:00:00Z" }), "/updated_at invalid_value")]
#[case(json!({ "updated_at": "2020-01-01T00:00:00Z" }), "/created_at required")]
#[case(json!({ "version": 0 }), "/version too_small")]
#[case(json!({ "version": 1.5 }), "/version wrong_type")]
#[case(json!({ "version": "1" }), "/version wrong_type")]
#[case(json!({ "version": 1e30 }), "/version too_large")]
#[case(json!({ "version": 9_007_199_254_740_992_i64 }), "/version too_large")]
#[case(json!({ "created_by": "" }), "/created_by too_short")]
#[case(json!({ "created_by": "x".repeat(257) }), "/created_by too_long")]
#[case(json!({ "updated_by": true }), "/updated_by wrong_type")]
#[case(json!({ "status": "unknown" }), "/status invalid_value")]
#[case(json!({ "status": "open", "$deleted": {} }), "/$deleted unknown_field")]
#[case(json!({ "status": "deleted", "$deleted": 1 }), "/$deleted wrong_type")]
#[case(json!({ "status": "deleted", "$deleted": { "by": "x" } }), "/$deleted/by unknown_field")]
#[case(json!({ "status": "deleted", "$deleted": { "status": "deleted" } }), "/$deleted/status invalid_value")]
#[case(json!({ "status": "deleted", "$deleted": { "purge_at": "soon" } }), "/$deleted/purge_at invalid_format")]
#[case(json!({ "colour": "red" }), "/colour unknown_field")]
#[case(json!({ "count": 7 }), "/count unlucky")]
fn each_fault_has_its_place_and_its_code(#[case] members: Value, #[case] fault: &str) {
    let mut line = json!({ "code": "A-1" });
    line.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    assert_eq!(faults(&THINGS, line.to_string().as_bytes()), [fault]);
}

#[rstest]
#[case(b"{\"code\": \"A-1\"".to_vec(), "malformed_json")]
#[case(b"{\"code\": \"A-1\", \"code\": \"A-2\"}".to_vec(), "malformed_json")]
#[case(b"{\"code\": \"\xff\"}".to_vec(), "malformed_json")]
#[case(b"{} {}".to_vec(), "malformed_json")]
#[case(b"[]".to_vec(), "wrong_type")]
#[case(vec![b' '; 1024 * 1024 + 1], "content_too_large")]
fn what_is_no_record_is_said_of_the_whole_line(#[case] line: Vec<u8>, #[case] code: &str) {
    assert_eq!(faults(&THINGS, &line), [format!(" {code}")]);
}

#[test]
fn all_faults_of_a_line_are_named() {
    let line = json!({ "id": "1", "version": 0, "code": "a", "count": 2000, "colour": "red" });
    assert_eq!(
        faults(&THINGS, line.to_string().as_bytes()),
        [
            "/id invalid_id",
            "/version too_small",
            "/colour unknown_field",
            "/code invalid_format",
            "/count too_large"
        ]
    );
    // The rules of the kind run even if members that the server owns have faults.
    let line = json!({ "id": "1", "code": "A-1", "count": 7 });
    assert_eq!(faults(&THINGS, line.to_string().as_bytes()), ["/id invalid_id", "/count unlucky"]);
}

#[test]
fn the_place_of_malformed_json_is_the_column() {
    let Err(Refusal::Invalid(faults)) = rules(&THINGS).read(3, b"{\"code\": }") else {
        panic!("it was taken")
    };
    let message = faults.each().next().unwrap().to_string();
    assert_eq!(message, ": malformed_json: expected value at column 10");
}

#[test]
fn repeats_are_those_of_lines_before() {
    let id = ResourceId::parse(ID).unwrap();
    let mut repeats = Repeats::default();
    assert!(repeats.is_first(id));
    assert!(!repeats.is_first(id));
    assert!(repeats.has(id));
    assert!(!repeats.has(id.next()));
}
