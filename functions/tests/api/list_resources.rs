//! `GET /api/resources`

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::app::App;

/// The rows of all pages of a list, and how many pages there were.
async fn walk(app: &App, parameters: &str) -> (Vec<Value>, usize) {
    let (mut rows, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let response = app.get(&format!("/api/resources?{parameters}{cursor}")).await;
        rows.extend(response.data(200).as_array().unwrap().clone());
        pages += 1;
        match response.body["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (rows, pages),
        }
    }
}

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn nothing_is_an_empty_page() {
    let app = App::start().await;
    let response = app.get("/api/resources").await;
    let expected = json!({ "success": true, "data": [], "pagination": { "limit": 20, "next_cursor": null } });
    assert_eq!((response.status, response.body), (200, expected));
}

#[tokio::test]
async fn a_row_is_a_summary() {
    let app = App::start().await;
    let mut expected =
        app.created(json!({ "name": "n", "description": "d", "attributes": { "a": 1 } })).await;
    for field in ["description", "attributes", "related_ids", "updated_by"] {
        expected.as_object_mut().unwrap().remove(field);
    }
    assert_eq!(*app.get("/api/resources").await.data(200), json!([expected]));
}

#[rstest]
#[case::one_shard("1")]
#[case::three_shards("3")]
#[tokio::test]
async fn pages_give_each_resource_once_newest_first(#[case] shards: &str) {
    let app = App::with(&[("LISTING_SHARDS", shards)]).await;
    let mut created = Vec::new();
    for number in 0..25 {
        let status = ["draft", "active", "archived"][number % 3];
        created.push(app.created(json!({ "name": format!("{number}"), "status": status })).await);
    }
    created.reverse();
    for (limit, expected_pages) in [(1, 25), (7, 4), (24, 2), (25, 1), (100, 1)] {
        let (rows, pages) = walk(&app, &format!("limit={limit}")).await;
        assert_eq!(names(&rows), names(&created), "limit {limit}");
        assert_eq!(pages, expected_pages, "limit {limit}");
    }
    let (drafts, _) = walk(&app, "limit=2&status=draft").await;
    let expected: Vec<_> = created.iter().filter(|row| row["status"] == "draft").cloned().collect();
    assert_eq!(names(&drafts), names(&expected));
}

#[rstest]
#[case::repeated("status=draft&status=archived")]
#[case::by_comma("status=archived,draft")]
#[case::both("status=draft,archived&status=draft")]
#[tokio::test]
async fn several_statuses_are_one_list(#[case] parameters: &str) {
    let app = App::start().await;
    for status in ["draft", "active", "archived"] {
        app.created(json!({ "name": status, "status": status })).await;
    }
    let (rows, _) = walk(&app, parameters).await;
    assert_eq!(names(&rows), ["archived", "draft"]);
}

#[tokio::test]
async fn a_changed_status_moves_a_resource_to_its_list() {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n" })).await;
    let path = format!("/api/resources/{}", created["id"].as_str().unwrap());
    app.patch(&path, &json!({ "status": "archived" })).await.data(200);
    assert_eq!(walk(&app, "status=active").await.0, Vec::<Value>::new());
    assert_eq!(names(&walk(&app, "status=archived").await.0), ["n"]);
}

#[tokio::test]
async fn resources_created_during_a_walk_do_not_disturb_it() {
    let app = App::start().await;
    for number in 0..10 {
        app.created(json!({ "name": format!("{number}") })).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let response = app.get(&format!("/api/resources?limit=3{cursor}")).await;
        seen.extend(names(response.data(200).as_array().unwrap()).into_iter().map(str::to_owned));
        app.created(json!({ "name": "late" })).await;
        match response.body["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"]);
}

#[rstest]
#[case::unknown("colour=red&sort2=x", &["colour unknown_parameter", "sort2 unknown_parameter"])]
#[case::unknown_twice("colour=red&colour=blue", &["colour unknown_parameter"])]
#[case::repeated("limit=1&limit=1", &["limit repeated_parameter"])]
#[case::zero("limit=0", &["limit invalid_value"])]
#[case::over("limit=101", &["limit invalid_value"])]
#[case::signed("limit=%2B5", &["limit invalid_value"])]
#[case::word("limit=ten", &["limit invalid_value"])]
#[case::empty("limit=", &["limit invalid_value"])]
#[case::fraction("limit=1.5", &["limit invalid_value"])]
#[case::status("status=live,draft,", &["status invalid_value", "status invalid_value"])]
#[case::deleted("status=deleted", &["status invalid_value"])]
#[case::all_at_once("status=x&limit=y&z=1", &["status invalid_value", "limit invalid_value", "z unknown_parameter"])]
#[tokio::test]
async fn every_fault_of_the_parameters_is_named(#[case] parameters: &str, #[case] faults: &[&str]) {
    let app = App::start().await;
    let response = app.get(&format!("/api/resources?{parameters}")).await;
    assert_eq!(response.faults(400, "invalid_query"), faults);
}

#[tokio::test]
async fn a_cursor_is_good_only_for_its_own_list() {
    let app = App::start().await;
    for number in 0..3 {
        app.created(json!({ "name": format!("{number}") })).await;
    }
    let page = app.get("/api/resources?limit=1&status=active,draft").await;
    let cursor = page.body["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let with = |parameters: &str| app.get(&format!("/api/resources?{parameters}&cursor={cursor}"));

    assert_eq!(names(with("limit=5&status=draft,active").await.data(200).as_array().unwrap()), ["1", "0"]);
    for parameters in ["limit=1", "limit=1&status=active", "status=archived,active,draft"] {
        assert_eq!(with(parameters).await.faults(400, "invalid_cursor"), ["cursor invalid_cursor"]);
    }

    let altered: BTreeSet<String> = (0..cursor.len())
        .map(|at| {
            let other = if &cursor[at..=at] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &cursor[..at], &cursor[at + 1..])
        })
        .collect();
    let others = ["", "x", "%00", "é", &cursor[1..], &cursor[..cursor.len() - 4]].map(str::to_owned);
    for broken in others.into_iter().chain(altered) {
        let response = app.get(&format!("/api/resources?status=active,draft&cursor={broken}")).await;
        // An altered position may still be an id: then it is a place in the list, and grants nothing.
        if response.status != 200 {
            assert_eq!(response.faults(400, "invalid_cursor"), ["cursor invalid_cursor"], "{broken}");
        }
    }
}
