//! Published events.

use jsonschema::Validator;
use resource_api::domain::Role;
use serde_json::{Value, json};
use testing::RecordingBus;

use super::records;
use crate::app::App;
use crate::app::following::{invoke, publisher};

/// The schema of events in the documentation.
pub(super) fn schema() -> Validator {
    jsonschema::validator_for(
        &serde_json::from_str(include_str!("../../../../docs/resource-event.schema.json")).unwrap(),
    )
    .unwrap()
}

/// One change of each type to one resource, and the stream records.
pub(super) async fn changes_of_each_kind(app: &App) -> (Value, Vec<Value>) {
    let created = app.created(json!({ "name": "Ångström", "description": "d" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    app.patch(&path, &json!({ "name": "m", "attributes": { "a": 1 }, "status": "draft" })).await.data(200);
    assert_eq!(app.delete(&path).await.status, 204);
    app.post(&format!("{path}/restore"), &json!({})).await.data(200);
    assert_eq!(app.delete(&format!("{path}?purge=true")).role(Role::Admin).await.status, 204);
    (created, records(app).await)
}

#[tokio::test]
async fn each_change_is_told_as_the_schema_says() {
    let app = App::followed().await;
    let (created, mut records) = changes_of_each_kind(&app).await;
    // Only this member distinguishes a deletion by DynamoDB's TTL.
    let mut expired = records[4].clone();
    expired["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
    records.push(expired);
    let bus = RecordingBus::start(0.0).await.unwrap();
    invoke(&publisher(&bus.config()), &json!({ "Records": records })).await.unwrap();

    let entries = bus.entries();
    let schema = schema();
    for entry in &entries {
        let faults: Vec<_> = schema.iter_errors(&entry["Detail"]).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?} of {entry:#}");
        assert_eq!(entry["Source"], "resource-api");
        assert_eq!(entry["EventBusName"], "changes");
        assert_eq!(entry["DetailType"], entry["Detail"]["type"]);
    }
    let details: Vec<_> = entries.iter().map(|entry| &entry["Detail"]).collect();
    let column = |name: &str| -> Vec<Value> { details.iter().map(|detail| detail[name].clone()).collect() };
    let kinds = ["created", "updated", "deleted", "restored", "purged", "purged"];
    assert_eq!(column("type"), kinds.map(|kind| format!("resource.{kind}")));
    let id = created["id"].as_str().unwrap();
    assert_eq!(
        column("id"),
        ["1", "2", "3", "4", "purged", "purged"].map(|version| format!("{id}:{version}"))
    );
    assert_eq!(
        column("by"),
        [
            json!("moderator"),
            json!("moderator"),
            json!("moderator"),
            json!("moderator"),
            Value::Null,
            Value::Null
        ]
    );
    assert_eq!(column("expired")[4..], [false, true]);
    assert_eq!(details[1]["changed"], json!(["name", "status", "attributes"]));
    assert_eq!(details[2]["changed"], json!(["status"]));
    assert_eq!(details[0]["resource"]["name"], "Ångström");
    assert_eq!(details[0]["at"], created["created_at"]);
    assert_eq!(details[4]["resource"]["version"], 4);
    assert!(details.iter().all(|detail| detail["resource"].get("description").is_none()));
}

#[test]
fn the_schema_refuses_what_is_no_event() {
    let schema = schema();
    let good = json!({
        "id": "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071:1", "type": "resource.created", "kind": "resources", "tenant": "default",
        "at": "2026-11-22T06:57:40.123Z", "by": "a", "changed": [],
        "resource": {
            "id": "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071", "name": "n", "status": "active", "version": 1,
            "created_at": "2026-11-22T06:57:40.123Z", "updated_at": "2026-11-22T06:57:40.123Z",
            "created_by": "a", "updated_by": "a",
        },
    });
    assert!(schema.is_valid(&good));
    for (pointer, value) in [
        ("/id", json!("1")),
        ("/type", json!("resource.purged")),
        ("/type", json!("resource.renamed")),
        ("/by", Value::Null),
        ("/changed", json!(["version"])),
        ("/resource/version", json!(0)),
        ("/resource/status", Value::Null),
        ("/kind", json!("Resources")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!schema.is_valid(&bad), "{pointer}");
    }
}
