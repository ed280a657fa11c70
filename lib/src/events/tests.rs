use std::collections::BTreeSet;

use serde_json::json;
use testing::RecordingBus;

use crate::domain::tests::article;
use crate::domain::{
    Announcement, Caller, ChangeEvent, ChangeType, Resource, ResourceEvent, Role, Timestamp, Values,
};
use crate::domain::{Field, FieldValue, Kind};
use crate::events::EventBus;

fn events(count: usize) -> Vec<ResourceEvent> {
    events_of(count, &article(json!({ "name": "n" })).unwrap())
}

fn events_of(count: usize, values: &Values) -> Vec<ResourceEvent> {
    let (author, now) = (Caller::example(Role::User), Timestamp::now());
    let event = |_| {
        let resource = Resource::new(values.clone(), &author, now);
        let change_type = ChangeType::Stored { before: None, after: Box::new(resource.clone()) };
        let change = ChangeEvent {
            collection: resource.collection(&author.tenant),
            id: resource.id,
            at: now,
            change_type,
            announcement: Announcement::Event,
        };
        ResourceEvent::of(&change).unwrap()
    };
    (0..count).map(event).collect()
}

fn of(bus: &RecordingBus) -> EventBus {
    EventBus::new(&bus.config(), "changes".to_owned())
}

fn ids(events: &[ResourceEvent]) -> BTreeSet<String> {
    events.iter().map(|event| event.id.clone()).collect()
}

fn taken(bus: &RecordingBus) -> BTreeSet<String> {
    bus.entries().iter().map(|entry| entry["Detail"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn events_are_put_ten_at_a_time() {
    let bus = RecordingBus::start(0.0).await.unwrap();
    let events = events(101);
    of(&bus).put(&events).await.unwrap();
    assert_eq!(bus.entries().len(), 101);
    assert_eq!(taken(&bus), ids(&events));
    assert_eq!(bus.calls(), 11);
}

/// EventBridge's limit is 256 KB a call.
#[tokio::test]
async fn large_events_are_put_in_more_calls_and_the_largest_tell_less() {
    const BOOKS: Kind = Kind::new("books", "book").fields(&[Field::text("text")]);
    let of_length = |length: usize| {
        let values = Values::from_json(&BOOKS, json!({})).unwrap();
        values.with("text", FieldValue::Text("x".repeat(length)))
    };
    let bus = RecordingBus::start(0.0).await.unwrap();
    of(&bus).put(&events_of(10, &of_length(60_000))).await.unwrap();
    assert_eq!((bus.calls(), bus.entries().len()), (3, 10));
    of(&bus).put(&events_of(1, &of_length(300_000))).await.unwrap();
    let resource = bus.entries().pop().unwrap()["Detail"]["resource"].clone();
    assert_eq!((&resource["version"], resource.get("text")), (&json!(1), None));
}

#[tokio::test]
async fn what_a_bus_does_not_take_is_put_again() {
    let bus = RecordingBus::start(0.3).await.unwrap();
    let events = events(10);
    // A call fails if its responses are lost three times in a row. The caller must repeat it.
    while of(&bus).put(&events).await.is_err() {}
    assert_eq!(taken(&bus), ids(&events));
}

#[tokio::test]
async fn a_bus_that_takes_nothing_is_not_asked_for_ever() {
    let bus = RecordingBus::start(1.0).await.unwrap();
    let until = Timestamp::now().as_microseconds() / 1000 + 1500;
    let error = crate::deadline::within(until, of(&bus).put(&events(1))).await.unwrap_err();
    assert!(matches!(error, crate::Error::Unavailable(_)), "{error:?}");
    assert_eq!(taken(&bus), BTreeSet::new());
}
