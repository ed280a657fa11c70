//! Records that cannot be read, and batches that fail.

use resource_api::domain::Role;
use resource_api::repository::sdk::types::AttributeValue;
use serde_json::{Value, json};
use testing::{DeadLetter, Delivery};

use super::records;
use crate::app::following::{DELIVERY, invoke};
use crate::app::{App, NOWHERE};

/// Writes an item that is not a resource.
async fn write_by_hand(app: &App, id: &str) {
    app.store
        .client()
        .put_item()
        .table_name(app.store.table("ResourcesTable"))
        .item("pk", AttributeValue::S(format!("default#resources#{id}")))
        .item("name", AttributeValue::N("1".to_owned()))
        .send()
        .await
        .unwrap();
}

/// Delivers all records. Returns the sequence numbers of all deliveries, and the dead letters.
async fn deliver(app: &App, retries: usize) -> (Vec<String>, Vec<DeadLetter>) {
    let delivery = Delivery { retries, ..DELIVERY };
    let mut source = app.store.changes(delivery).await.unwrap();
    let function = app.follower();
    let told = std::sync::Mutex::new(Vec::new());
    let mut letters = Vec::new();
    let tell = async |event: &Value| {
        let numbers = event["Records"].as_array().unwrap().iter();
        told.lock()
            .unwrap()
            .extend(numbers.map(|it| it["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned()));
        invoke(&function, event).await
    };
    let give_up = async |letter: &DeadLetter| {
        letters.push(letter.clone());
        Ok(())
    };
    source.deliver(tell, give_up).await.unwrap();
    (told.into_inner().unwrap(), letters)
}

async fn found(app: &App) -> Value {
    let response = app.get("/api/resources/search?q=alpha&fields=name").await;
    response.data(200).clone()
}

#[tokio::test]
async fn a_record_that_no_one_can_read_is_given_up_and_those_around_it_are_done() {
    let app = App::followed().await;
    app.created(json!({ "name": "alpha one" })).await;
    write_by_hand(&app, NOWHERE).await;
    let last = app.created(json!({ "name": "alpha two" })).await;
    let (told, letters) = deliver(&app, 3).await;
    assert_eq!(found(&app).await, json!([{ "name": "alpha two" }, { "name": "alpha one" }]));
    let path = format!("/api/resources/{}/history", last["id"].as_str().unwrap());
    assert_eq!(app.get(&path).role(Role::Admin).await.data(200).as_array().unwrap().len(), 1);

    let poison = records(&app).await[1]["dynamodb"]["SequenceNumber"].clone();
    assert_eq!(told.iter().filter(|number| poison == number.as_str()).count(), 1 + 3);
    assert_eq!(letters.len(), 1, "{letters:#?}");
    assert_eq!(letters[0].body["DDBStreamBatchInfo"]["startSequenceNumber"], poison);
    assert_eq!(letters[0].body["requestContext"]["approximateInvokeCount"], 4);
}

#[tokio::test]
async fn what_makes_a_batch_fail_is_found_by_halving_it() {
    let app = App::followed().await;
    for _ in 0..5 {
        app.created(json!({ "name": "alpha" })).await;
    }
    let broken = app.created(json!({ "name": "alpha" })).await;
    for _ in 0..5 {
        app.created(json!({ "name": "alpha" })).await;
    }
    // Its first record can be read, but its current item cannot.
    write_by_hand(&app, broken["id"].as_str().unwrap()).await;
    let (_, letters) = deliver(&app, 2).await;
    let records = records(&app).await;
    let given_up: Vec<_> =
        letters.iter().map(|it| &it.body["DDBStreamBatchInfo"]["startSequenceNumber"]).collect();
    assert_eq!(given_up, [5, 11].map(|at: usize| &records[at]["dynamodb"]["SequenceNumber"]));
    assert!(letters.iter().all(|letter| letter.body["DDBStreamBatchInfo"]["batchSize"] == 1), "{letters:#?}");

    let table = app.store.table("ResourcesTable");
    let key = format!("default#resources#{}", broken["id"].as_str().unwrap());
    let delete = app.store.client().delete_item().table_name(table).key("pk", AttributeValue::S(key));
    delete.send().await.unwrap();
    assert_eq!(found(&app).await.as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn an_event_without_records_is_done() {
    let app = App::followed().await;
    let answer = invoke(&app.follower(), &json!({ "Records": [] })).await;
    assert_eq!(answer, Some(json!({ "batchItemFailures": [] })));
}
