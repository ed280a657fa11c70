//! Effects of an imported record: the same as of a created one, except that no event is published for it.

use functions::KINDS;
use kinds::shop::CUSTOMERS;
use resource_api::domain::{Announcement, Caller, Role, Timestamp};
use resource_api::repository::FirstImports;
use resource_api::service::{ImportOptions, ImportService, Imported};
use rstest::rstest;
use serde_json::{Value, json};
use testing::RecordingBus;

use crate::app::following::{invoke, publisher};
use crate::app::{App, client};
use crate::process_changes::records;

const ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071";

/// Imports a customer from its line.
async fn import(app: &App, line: &Value, announcement: Announcement) -> Imported {
    let first_imports = FirstImports::new(client(&app.store), app.store.table("IdempotencyTable"));
    let options = ImportOptions { announcement, allow_missing_references: false };
    let collection = Caller::example(Role::Admin).collection(&CUSTOMERS);
    let service = ImportService::over(app.changes().clone(), first_imports, collection, options);
    let record = service.rules(Timestamp::now()).read(1, line.to_string().as_bytes()).unwrap();
    service.write(&record, |_| false).await.unwrap()
}

fn line() -> Value {
    json!({
        "id": ID, "name": "Ada Lovelace", "status": "archived", "email": "ada@example.com", "version": 7,
        "updated_at": "2026-01-02T03:04:05.678Z", "created_by": "grace", "updated_by": "joan",
    })
}

#[tokio::test]
async fn an_imported_record_is_read_listed_found_and_has_a_history() {
    let app = App::followed_of(KINDS).await;
    assert_eq!(import(&app, &line(), Announcement::None).await, Imported::Stored);
    app.follow().await;
    let response = app.get(&format!("/api/customers/{ID}")).await;
    assert_eq!(response.header("etag"), Some("\"7\""));
    let read = response.data(200);
    for (name, value) in line().as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    let listed = app.get("/api/customers?status=archived&sort=name&created_by=grace").await;
    assert_eq!(listed.data(200)[0]["id"], ID);
    let found = app.get("/api/customers/search?q=lovelace").await;
    assert_eq!(found.data(200)[0]["id"], ID);
    let history = app.get(&format!("/api/customers/{ID}/history")).role(Role::Admin).await;
    let entries = history.data(200).as_array().unwrap().clone();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["version"], 7);
    assert_eq!(entries[0]["action"], "created");
    assert_eq!(entries[0]["at"], "2026-01-02T03:04:05.678Z");
    assert_eq!(entries[0]["by"], "joan");
    let taken = app.post("/api/customers", &json!({ "name": "n", "email": "ada@example.com" })).await;
    assert_eq!((taken.status, &taken.body["code"]), (409, &json!("already_exists")));
}

/// Events are published for all later changes.
#[rstest]
#[case::silent(Announcement::None, &["customer.updated", "customer.deleted", "customer.restored", "customer.purged"])]
#[case::announced(
    Announcement::Event,
    &["customer.created", "customer.updated", "customer.deleted", "customer.restored", "customer.purged"]
)]
#[tokio::test]
async fn an_import_is_announced_where_that_is_asked_for(
    #[case] announcement: Announcement,
    #[case] expected: &[&str],
) {
    let app = App::followed_of(KINDS).await;
    import(&app, &line(), announcement).await;
    let path = format!("/api/customers/{ID}");
    app.put(&path, &json!({ "name": "Ada", "email": "ada@example.com" })).await.data(200);
    assert_eq!(app.delete(&path).await.status, 204);
    app.post(&format!("{path}/restore"), &json!({})).await.data(200);
    assert_eq!(app.delete(&format!("{path}?purge=true")).role(Role::Admin).await.status, 204);
    let bus = RecordingBus::start(0.0).await.unwrap();
    invoke(&publisher(&bus.config()), &json!({ "Records": records(&app).await })).await.unwrap();
    let entries = bus.entries();
    let told: Vec<_> = entries.iter().map(|entry| entry["DetailType"].as_str().unwrap()).collect();
    assert_eq!(told, expected);
}

/// Writes that read nothing keep the attribute that suppresses the imported version's event. It does not
/// suppress theirs.
#[tokio::test]
async fn a_change_of_an_imported_record_that_reads_nothing_is_told() {
    let app = App::followed().await;
    let first_imports = FirstImports::new(client(&app.store), app.store.table("IdempotencyTable"));
    let options = ImportOptions { announcement: Announcement::None, allow_missing_references: false };
    let collection = Caller::example(Role::Admin).collection(&kinds::RESOURCES);
    let service = ImportService::over(app.changes().clone(), first_imports, collection, options);
    let line = json!({ "id": ID, "name": "n", "version": 3 }).to_string();
    let record = service.rules(Timestamp::now()).read(1, line.as_bytes()).unwrap();
    service.write(&record, |_| false).await.unwrap();
    let path = format!("/api/resources/{ID}");
    app.put(&path, &json!({ "name": "m" })).await.data(200);
    assert_eq!(app.delete(&path).await.status, 204);
    let bus = RecordingBus::start(0.0).await.unwrap();
    invoke(&publisher(&bus.config()), &json!({ "Records": records(&app).await })).await.unwrap();
    let ids: Vec<_> = bus.entries().iter().map(|entry| entry["Detail"]["id"].clone()).collect();
    assert_eq!(ids, [format!("{ID}:4"), format!("{ID}:5")]);
}

/// A deleted record is listed as deleted, can be restored, and no event is published for it.
#[tokio::test]
async fn a_deleted_record_is_imported_to_be_restored() {
    let app = App::followed_of(KINDS).await;
    let mut line = line();
    line["status"] = "deleted".into();
    line["$deleted"] = json!({ "status": "archived", "purge_at": "2999-01-01T00:00:00Z" });
    import(&app, &line, Announcement::Event).await;
    assert_eq!(app.get(&format!("/api/customers/{ID}")).await.status, 404);
    let deleted = app.get("/api/customers?status=deleted").role(Role::Admin).await;
    assert_eq!(deleted.data(200)[0]["id"], ID);
    let bus = RecordingBus::start(0.0).await.unwrap();
    invoke(&publisher(&bus.config()), &json!({ "Records": records(&app).await })).await.unwrap();
    assert!(bus.entries().is_empty());
    let restored = app.post(&format!("/api/customers/{ID}/restore"), &json!({})).await;
    assert_eq!(
        (&restored.data(200)["status"], &restored.data(200)["version"]),
        (&json!("archived"), &json!(8))
    );
}
