//! `GET /api/resources`

mod parameters;

use std::collections::BTreeSet;

use kinds::RESOURCES;
use resource_api::domain::{Caller, Resource, Role, Shards, Tenant, Timestamp, Values};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{App, NOWHERE};

/// The rows of all pages of a list, and the number of pages.
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
#[case::oldest_first("sort=created", ["b", "A", "a b"])]
#[case::newest_first("sort=-created", ["a b", "A", "b"])]
#[case::last_changed_first("sort=-updated", ["b", "a b", "A"])]
#[case::last_changed_last("sort=updated", ["A", "a b", "b"])]
#[case::by_name("sort=name", ["A", "a b", "b"])]
#[case::by_name_backwards("sort=-name", ["b", "a b", "A"])]
#[tokio::test]
async fn a_list_has_six_orders(#[case] parameters: &str, #[case] expected: [&str; 3]) {
    let app = App::start().await;
    let first = app.created(json!({ "name": "b" })).await;
    app.created(json!({ "name": "A" })).await;
    app.created(json!({ "name": "a b" })).await;
    let path = format!("/api/resources/{}", first["id"].as_str().unwrap());
    // Otherwise the clock may show the same millisecond.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    app.patch(&path, &json!({ "description": "changed" })).await.data(200);
    assert_eq!(names(&walk(&app, &format!("limit=1&{parameters}")).await.0), expected);
}

#[tokio::test]
async fn the_next_page_is_linked() {
    let app = App::start().await;
    for number in 0..5 {
        app.created(json!({ "name": format!("{number} & more") })).await;
    }
    let mut seen = Vec::new();
    let mut next =
        Some("/api/resources?limit=2&offset=1&status=active%2Cdraft&created_by=moderator".to_owned());
    while let Some(target) = next {
        let response = app.get(&target).await;
        seen.extend(names(response.data(200).as_array().unwrap()).into_iter().map(str::to_owned));
        next = response.header("link").map(|link| {
            link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap().to_owned()
        });
        let cursor = response.body["pagination"]["next_cursor"].as_str();
        assert_eq!(next.as_ref().map(|next| next.split_once("cursor=").unwrap().1), cursor);
    }
    assert_eq!(seen, ["3 & more", "2 & more", "1 & more", "0 & more"]);
}

#[rstest]
#[case::all("fields=*", &[
    "id", "name", "status", "description", "attributes", "related_ids", "version", "created_at", "updated_at",
    "created_by", "updated_by",
])]
#[case::some("fields=description,id", &["id", "description"])]
#[case::one("fields=updated_by", &["updated_by"])]
#[case::of_the_index("fields=related_ids,created_at,name", &["name", "related_ids", "created_at"])]
#[case::twice("fields=name,name", &["name"])]
#[case::and_relations(
    "fields=name&expand=related",
    &["name", "related", "unresolved_related_ids"]
)]
#[tokio::test]
async fn a_row_has_the_fields_that_were_asked_for(#[case] parameters: &str, #[case] fields: &[&str]) {
    let app = App::start().await;
    let created = app.created(json!({ "name": "n", "description": "d", "attributes": { "a": 1.50 } })).await;
    let response = app.get(&format!("/api/resources?{parameters}")).await;
    let row = response.data(200)[0].as_object().unwrap();
    assert_eq!(row.keys().map(String::as_str).collect::<BTreeSet<_>>(), fields.iter().copied().collect());
    for (field, value) in row.iter().filter(|(field, _)| !field.contains("related")) {
        assert_eq!(*value, created[field], "{field}");
    }
}

#[tokio::test]
async fn relations_are_summaries_in_order_and_what_leads_nowhere_is_named() {
    let app = App::start().await;
    let mut one = app.created(json!({ "name": "one", "description": "d" })).await;
    let mut two = app.created(json!({ "name": "two", "status": "archived" })).await;
    let ids = json!([two["id"], NOWHERE, one["id"]]);
    app.created(json!({ "name": "n", "status": "draft", "related_ids": ids })).await;
    for resource in [&mut one, &mut two] {
        for field in ["description", "attributes", "related_ids", "updated_by"] {
            resource.as_object_mut().unwrap().remove(field);
        }
    }
    let response = app.get("/api/resources?status=draft&expand=related&fields=name").await;
    let expected = json!([{ "name": "n", "related": [two, one], "unresolved_related_ids": [NOWHERE] }]);
    assert_eq!(*response.data(200), expected);
}

#[tokio::test]
async fn large_rows_come_in_pages_that_an_answer_can_hold() {
    let app = App::start().await;
    let repository = app.repository(Shards::default());
    let mut ids = Vec::new();
    for number in 0..30 {
        // Every fifth consists of quotes, which take two bytes each in transit.
        let text = if number % 5 == 0 { "\"".repeat(195_000) } else { "x".repeat(390_000) };
        let body = json!({ "name": format!("{number}"), "attributes": { "text": text } });
        let resource = Resource::new(
            Values::from_json(&RESOURCES, body).unwrap(),
            &Caller::example(Role::User),
            Timestamp::now(),
        );
        ids.insert(0, resource.id.to_string());
        repository.store(&Tenant::default(), &resource).await.unwrap();
    }
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let response = app.get(&format!("/api/resources?limit=100&fields=*{cursor}")).await;
        let rows = response.data(200).as_array().unwrap();
        assert!(rows.iter().all(|row| row["attributes"]["text"].as_str().unwrap().len() >= 195_000));
        seen.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        // In transit, the body is a string within JSON.
        let (body, payload) = (response.text.len(), Value::from(&*response.text).to_string().len());
        assert!(body < 5_000_000 && payload < 6_100_000, "{body} bytes, {payload} to the gateway");
        pages += 1;
        match response.body["pagination"]["next_cursor"].as_str() {
            Some(next) => {
                assert!(body > 3_500_000, "{body} bytes, and there was room for another row");
                cursor = format!("&cursor={next}");
            }
            None => break,
        }
    }
    assert_eq!(seen, ids);
    assert_eq!(pages, 3);
}
