//! The events in `events/`, each replayed against its function.

use std::path::Path;

use functions::ROUTES;
use resource_api::domain::{Role, Shards};
use resource_api::testing::create_example;
use rstest::rstest;
use serde_json::Value;

use crate::app::{App, token};

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
#[case("health", 200)]
#[tokio::test]
async fn an_event_is_answered(#[case] name: &str, #[case] status: i64) {
    let app = App::start().await;
    create_example(&app.store.resources(Shards::default())).await.unwrap();
    let route = ROUTES.iter().find(|route| route.name == name).unwrap();
    let mut event = event(name);
    event["headers"]["authorization"] = format!("Bearer {}", token(Role::Admin)).into();
    assert_eq!(app.invoke(route, &event).await.status, status);
}

#[test]
fn every_route_has_an_event() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut names: Vec<_> = ROUTES.iter().map(|route| route.name.to_owned()).collect();
    files.sort();
    names.sort();
    assert_eq!(files, names);
}

fn event(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../events/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
