use std::collections::HashMap;

use resource_api::repository::sdk::types::AttributeValue;
use tempfile::TempDir;

use super::*;

fn tables() -> Vec<String> {
    ["values", "resources", "words"].map(str::to_owned).into()
}

fn key(of: &str) -> HashMap<String, AttributeValue> {
    [
        ("pk".to_owned(), AttributeValue::S(of.to_owned())),
        ("version".to_owned(), AttributeValue::N("12".to_owned())),
    ]
    .into()
}

#[test]
fn what_was_interrupted_is_taken_up() {
    let folder = TempDir::new().unwrap();
    let load_declared = |endpoint: &str, tables, declared: &str, from_start| {
        let file = folder.path().join("reindex.json");
        Position::load(file, endpoint, tables, declared.to_owned(), from_start).unwrap()
    };
    let load = |endpoint: &str, tables, from_start| load_declared(endpoint, tables, "kinds", from_start);
    let mut position = load("here", tables(), false);
    assert_eq!((position.stage, position.done, position.key()), (Stage::UniqueValues, 0, None));
    position.advance(Some(key("a")), 100).unwrap();
    position.advance(Some(key("b")), 50).unwrap();
    let taken_up = load("here", tables(), false);
    assert_eq!((taken_up.done, taken_up.key()), (150, Some(key("b"))));
    assert_eq!(taken_up, position);

    position.begin(Stage::Words).unwrap();
    let taken_up = load("here", tables(), false);
    assert_eq!((taken_up.stage, taken_up.done, taken_up.key()), (Stage::Words, 0, None));

    for other in [
        load("elsewhere", tables(), false),
        load("here", ["values", "resources", "others"].map(str::to_owned).into(), false),
        load_declared("here", tables(), "other kinds", false),
        load("here", tables(), true),
    ] {
        assert_eq!((other.stage, other.done), (Stage::UniqueValues, 0));
    }
    position.end().unwrap();
    assert_eq!(load("here", tables(), false).stage, Stage::UniqueValues);
}
