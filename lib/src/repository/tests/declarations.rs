//! Declarations that change when resources exist already.

use serde_json::json;
use testing::TestStore;

use super::resources;
use crate::domain::{
    Caller, Collection, ExpectedVersion, Field, Kind, ListRequest, Patch, Resource, Role, Scope, Shards,
    SortOrder, Tenant, Timestamp, Values,
};
use crate::repository::listing::tests::everything_of;
use crate::repository::{Item, ResourceRepository};

const BEFORE: Kind = Kind::new("notes", "note").fields(&[
    Field::text("title").required().length(1, 20),
    Field::integer("count"),
    Field::text("colour").length(0, 20),
    Field::text("body").length(0, 200).unlisted(),
]);

/// One field less, two more, one with a wider type, one that lists now show, and more indexes.
const AFTER: Kind = Kind::new("notes", "note")
    .fields(&[
        Field::text("title").required().length(1, 20),
        Field::number("count"),
        Field::text("body").length(0, 200),
        Field::choice("size", &["small", "large"]).default("\"small\""),
        Field::json("more").unlisted(),
    ])
    .indexes(&["title", "count"]);

const FILLING: Kind = AFTER.filling(&["count"]);

fn notes(kind: &'static Kind) -> Collection {
    Collection { tenant: Tenant::default(), kind }
}

fn all(kind: &'static Kind) -> Scope {
    Scope::all(notes(kind))
}

fn user() -> Caller {
    Caller::example(Role::User)
}

/// A note that was stored with the earlier declaration.
async fn stored_before(repository: &ResourceRepository) -> Resource {
    let body = json!({ "title": "t", "count": 7, "colour": "red", "body": "b" });
    let note = Resource::new(Values::from_json(&BEFORE, body).unwrap(), &user(), Timestamp::now());
    repository.store(&Tenant::default(), &note).await.unwrap();
    note
}

async fn item_of(repository: &ResourceRepository, note: &Resource) -> Item {
    let key = aws_sdk_dynamodb::types::AttributeValue::S(format!("default#notes#{}", note.id));
    let get = repository.client.get_item().table_name(&repository.table).key("pk", key);
    get.send().await.unwrap().item.unwrap()
}

async fn listed(repository: &ResourceRepository, request: &ListRequest) -> Vec<serde_json::Value> {
    let listed = repository.list(&all(request.kind), request, None, 0, Timestamp::now()).await.unwrap();
    listed
        .rows
        .into_iter()
        .map(|(_, view)| serde_json::to_value(view.select(AFTER.summary())).unwrap())
        .collect()
}

#[tokio::test]
async fn what_is_stored_is_shown_as_it_is_declared_now() {
    let repository = resources(&TestStore::start().await.unwrap(), Shards::default());
    let note = stored_before(&repository).await;
    let read = repository.find(&all(&AFTER), note.id).await.unwrap();
    let expected = json!({
        "title": "t", "count": 7, "body": "b", "size": "small", "more": null, "status": "active",
    });
    assert_eq!(read.values.to_json(), expected);
    let some = AFTER.field_ref("body").into_iter().collect();
    let view = repository.view(&all(&AFTER), note.id, some).await.unwrap();
    assert_eq!(serde_json::to_value(view).unwrap(), json!({ "body": "b" }));

    // A change writes the item as it is declared now.
    let values = Patch::from(json!({ "count": 7.5 })).apply(&read.values).unwrap();
    let any = ExpectedVersion::Any;
    repository.replace(&user(), &all(&AFTER), note.id, values, &any, Timestamp::now()).await.unwrap();
    let item = item_of(&repository, &note).await;
    let summary = item["summary"].as_m().unwrap();
    assert!(!summary.contains_key("colour") && summary.contains_key("body"), "{summary:?}");
    assert_eq!(listed(&repository, &everything_of(&AFTER, "-count")).await[0]["body"], "b");
}

#[tokio::test]
async fn an_index_declared_later_is_filled_beside_changes() {
    let repository = resources(&TestStore::start().await.unwrap(), Shards::default());
    let (note, other) = (stored_before(&repository).await, stored_before(&repository).await);
    let by_count = everything_of(&AFTER, "count");
    assert!(listed(&repository, &by_count).await.is_empty());
    let item = item_of(&repository, &note).await;
    assert!(repository.bring_in_line(&(notes(&AFTER), note.id), &item).await.unwrap());
    let rows = listed(&repository, &by_count).await;
    assert_eq!((rows.len(), &rows[0]["body"], &rows[0]["version"]), (1, &json!("b"), &json!(1)));
    // The second call finds nothing to update.
    let item = item_of(&repository, &note).await;
    assert!(!repository.bring_in_line(&(notes(&AFTER), note.id), &item).await.unwrap());

    // An item that was read before another change does not undo that change.
    let old = item_of(&repository, &other).await;
    let values = Values::from_json(&AFTER, json!({ "title": "u", "count": 9 })).unwrap();
    let any = ExpectedVersion::Any;
    repository.replace(&user(), &all(&AFTER), other.id, values, &any, Timestamp::now()).await.unwrap();
    assert!(!repository.bring_in_line(&(notes(&AFTER), other.id), &old).await.unwrap());
    let counts: Vec<_> =
        listed(&repository, &by_count).await.iter().map(|row| row["count"].clone()).collect();
    assert_eq!(counts, [7, 9]);
}

/// An index that is not filled yet is written and not read.
#[tokio::test]
async fn an_index_that_is_filling_is_written_only() {
    let repository = resources(&TestStore::start().await.unwrap(), Shards::default());
    let values = Values::from_json(&FILLING, json!({ "title": "t", "count": 1 })).unwrap();
    let note = Resource::new(values, &user(), Timestamp::now());
    repository.store(&Tenant::default(), &note).await.unwrap();
    assert!(item_of(&repository, &note).await.contains_key("index_2"));
    assert_eq!(
        (SortOrder::parse(&FILLING, "count"), SortOrder::words(&FILLING)),
        (None, vec!["created", "updated", "title"])
    );
    assert_eq!(listed(&repository, &everything_of(&AFTER, "count")).await.len(), 1);
}
