//! The events in `events/`, each replayed against its function.

use std::path::Path;

use functions::{ROUTES, SUBSCRIPTIONS, UNMATCHED_REQUEST};
use kinds::RESOURCES;
use resource_api::domain::{Caller, Resource, ResourceId, Role, Shards, Values};
use rstest::rstest;
use serde_json::{Value, json};
use testing::{EXAMPLE_ID, RecordingBus, example};

use crate::app::{App, following, token};

/// Stores the resource that the events request.
async fn create_example(app: &App) {
    let author = Caller::example(Role::Admin);
    let values = Values::from_json(&RESOURCES, example()).unwrap();
    let resource = Resource::with_id(ResourceId::parse(EXAMPLE_ID).unwrap(), values, &author);
    app.repository(Shards::default()).store(&author.tenant, &resource).await.unwrap();
}

#[rstest]
#[case("list-resources", 200)]
#[case("create-resource", 201)]
#[case("get-resource", 200)]
#[case("list-related", 200)]
#[case("list-history", 200)]
#[case("search-resources", 200)]
#[case("batch-get-resources", 200)]
#[case("replace-resource", 200)]
#[case("update-resource", 200)]
#[case("delete-resource", 204)]
#[case("restore-resource", 409)]
#[case("batch-write-resources", 200)]
#[case("docs", 200)]
#[case("health", 200)]
#[tokio::test]
async fn the_event_of_a_route_is_answered(#[case] name: &str, #[case] status: i64) {
    let app = App::start().await;
    create_example(&app).await;
    let route = ROUTES.iter().find(|route| route.name == name).unwrap();
    let mut event = event(name);
    event["headers"]["authorization"] = format!("Bearer {}", token(Role::Admin)).into();
    assert_eq!(app.invoke(route, &event).await.status, status);
}

#[tokio::test]
async fn the_event_of_the_stream_is_followed() {
    let app = App::followed().await;
    create_example(&app).await;
    let answer = following::invoke(&app.follower(), &event("process-changes")).await;
    assert_eq!(answer, Some(json!({ "batchItemFailures": [] })));
    let found = app.get("/api/resources/search?q=field+notes&fields=id").await;
    assert_eq!(*found.data(200), json!([{ "id": EXAMPLE_ID }]));
}

#[tokio::test]
async fn the_event_of_the_stream_is_published() {
    let bus = RecordingBus::start(0.0).await.unwrap();
    let answer = following::invoke(&following::publisher(&bus.config()), &event("publish-events")).await;
    assert_eq!(answer, Some(json!({ "batchItemFailures": [] })));
    assert_eq!(bus.entries()[0]["DetailType"], "resource.created");
}

#[tokio::test]
async fn the_event_that_matches_no_route_is_answered() {
    let app = App::start().await;
    app.invoke_unmatched(&event("unmatched-request")).await.problem(404, "not_found");
}

#[test]
fn every_function_has_an_event() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let functions = ROUTES.iter().map(|route| route.name).chain(SUBSCRIPTIONS.iter().map(|it| it.name));
    let functions = functions.chain([UNMATCHED_REQUEST.name]);
    let mut names: Vec<_> = functions.map(str::to_owned).collect();
    files.sort();
    names.sort();
    // A function may serve several routes.
    names.dedup();
    assert_eq!(files, names);
}

fn event(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../events/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
